import { Button, Stack, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { Config } from "../../api/model";
import { IconAdd } from "../../components/icons";
import { carriedBy } from "../../lib/match";
import { topicOf } from "../../lib/topic";
import { RouteFields } from "./RouteFields";
import { emptyRoute, routeOf, type Values } from "./values";

/** RouteList edits the routes and says what each carries of the points of now. */
export function RouteList({ form, config }: { form: UseFormReturnType<Values>; config: Config }) {
  const { t } = useTranslation();
  const topics = config.devices.flatMap((device) => device.points.map((point) => topicOf(point.mapping.topic, config.name, device.id, point.id)));
  const carried = carriedBy(form.values.routes.map(routeOf), topics);
  return (
    <Stack gap="sm" component="fieldset" m={0} p={0} bd="none">
      <Text component="legend" fw={600} size="sm" mb="xs">
        {t("bridge.routes")}
      </Text>
      {form.values.routes.map((_, index) => (
        // Routes have no name of their own; they are only added and removed at the end or by their place.
        // oxlint-disable-next-line react/no-array-index-key
        <RouteFields key={index} form={form} index={index} carried={carried[index] ?? []} />
      ))}
      <Button variant="default" leftSection={<IconAdd size={18} />} onClick={() => form.insertListItem("routes", emptyRoute)}>
        {t("bridge.addRoute")}
      </Button>
    </Stack>
  );
}
