import { Button, Stack, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { useRoutePreviews } from "../../api/bridges";
import { asProblem } from "../../api/problem";
import { IconAdd } from "../../components/icons";
import { RouteFields } from "./RouteFields";
import { emptyRoute, routeOf, type Values } from "./values";

/** RouteList edits the routes and says what each carries of the topics of now. */
export function RouteList({ form }: { form: UseFormReturnType<Values> }) {
  const { t } = useTranslation();
  const previews = useRoutePreviews(form.values.routes.map(routeOf));
  return (
    <Stack gap="sm" component="fieldset" m={0} p={0} bd="none">
      <Text component="legend" fw={600} size="sm" mb="xs">
        {t("bridge.routes")}
      </Text>
      {form.values.routes.map((_, index) => (
        // Routes have no name of their own; they are only added and removed at the end or by their place.
        // oxlint-disable-next-line react/no-array-index-key
        <RouteFields key={index} form={form} index={index} preview={previews.isError ? undefined : previews.data?.[index]} />
      ))}
      <Text size="sm" c="dimmed" role="status">
        {previews.error ? asProblem(previews.error).message : ""}
      </Text>
      <Button variant="default" leftSection={<IconAdd size={18} />} onClick={() => form.insertListItem("routes", emptyRoute)}>
        {t("bridge.addRoute")}
      </Button>
    </Stack>
  );
}
