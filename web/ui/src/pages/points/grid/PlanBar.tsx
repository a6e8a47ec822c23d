import { Group, Spoiler, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Plan } from "../../../api/model";
import { ToneBadge } from "../../../components/badges";
import { Learned } from "./Learned";

/** Above this part of the wire's time intervals cannot be kept. */
const full = 0.8;

/** PlanBar says what the points cost on the wire: how many requests, how long they take, how much of the wire is used. */
export function PlanBar({ plan, points, device }: { plan: Plan | undefined; points: number; device: string }) {
  const { t, i18n } = useTranslation();
  if (!plan || plan.requests.length === 0) {
    return plan ? null : <Text size="sm" c="dimmed" mt="sm">{t("grid.noPlan")}</Text>;
  }
  const number = (value: number) => new Intl.NumberFormat(i18n.language, { maximumSignificantDigits: 3 }).format(value);
  const ms = plan.requests.reduce((sum, request) => sum + request.milliseconds, 0);
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumSignificantDigits: 2 }).format(plan.load);
  return (
    <div data-testid="plan">
      <Group gap="md" mt="sm" mb={4}>
        <Text size="sm">{t("grid.plan", { points: t("device.points", { count: points }), requests: t("grid.requests", { count: plan.requests.length }), ms: number(ms) })}</Text>
        <ToneBadge tone={plan.load > full ? "bad" : "good"} text={t("grid.load", { percent })} />
        {plan.classes.some((one) => one.late) ? <ToneBadge tone="bad" text={t("grid.late")} /> : null}
      </Group>
      {plan.learned ? <Learned device={device} learned={plan.learned} /> : null}
      <Spoiler maxHeight={0} showLabel={t("grid.showRequests")} hideLabel={t("grid.hideRequests")}>
        <Table.ScrollContainer minWidth={460} mah={240} scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": t("grid.requestTable") } }}>
          <Table verticalSpacing={4} aria-label={t("grid.requestTable")}>
            <Table.Thead>
              <Table.Tr>
                {(["scanClass", "address", "count", "points", "ms"] as const).map((id) => (
                  <Table.Th key={id}>{t(`grid.request.${id}`)}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {plan.requests.slice(0, 200).map((request) => (
                <Table.Tr key={`${request.scanClass} ${request.address}`}>
                  <Table.Td>{request.scanClass}</Table.Td>
                  <Table.Td className="mono">{request.address}</Table.Td>
                  <Table.Td>{request.count}</Table.Td>
                  <Table.Td>{request.points}</Table.Td>
                  <Table.Td>{number(request.milliseconds)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Spoiler>
    </div>
  );
}
