import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type BridgeOrder, exportUrl, useSteer } from "../../../api/backlog";
import type { Bridge } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { useGuard } from "../../../api/useGuard";
import { PaceDialog } from "./PaceDialog";
import { PurgeDialog } from "./PurgeDialog";

/** Actions are what may be done with a backlog; who may not is told so. */
export function Actions({ bridge, waiting }: { bridge: Bridge; waiting: number }) {
  const { t } = useTranslation();
  const guard = useGuard();
  const steer = useSteer(bridge.id);
  const [dialog, setDialog] = useState<"pace" | "purge">();
  const order = (what: BridgeOrder) =>
    guard("operator", () =>
      steer.mutate(what, {
        onSuccess: () => notifications.show({ message: t(`backlog.did.${what}`) }),
        onError: (error) => notifications.show({ color: "red", message: asProblem(error).message || t("problem.internal") }),
      }),
    );
  const toggle = bridge.paused ? "resume" : "pause";
  return (
    <>
      <Group gap="sm">
        <Button variant="default" loading={steer.isPending && steer.variables === toggle} onClick={order(toggle)}>
          {t(`backlog.${toggle}`)}
        </Button>
        <Button variant="default" disabled={Boolean(bridge.paused || bridge.disabled)} loading={steer.isPending && steer.variables === "flush"} onClick={order("flush")}>
          {t("backlog.flush")}
        </Button>
        <Button variant="default" onClick={guard("operator", () => setDialog("pace"))}>
          {t("backlog.cap")}
        </Button>
        <Button variant="default" onClick={guard("administrator", () => window.location.assign(exportUrl(bridge.id)))}>
          {t("backlog.export")}
        </Button>
        <Button variant="light" color="red" disabled={waiting === 0} onClick={guard("administrator", () => setDialog("purge"))}>
          {t("backlog.purge")}
        </Button>
      </Group>
      {dialog === "pace" ? <PaceDialog bridge={bridge} onClose={() => setDialog(undefined)} /> : null}
      {dialog === "purge" ? <PurgeDialog bridge={bridge} waiting={waiting} onClose={() => setDialog(undefined)} /> : null}
    </>
  );
}
