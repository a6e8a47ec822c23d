import { Accordion, Anchor, Badge, Group as Line, Stack, Text, TextInput, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { useReference } from "../../api/reference";
import { IconSearch } from "../../components/icons";
import { PageHeader } from "../../components/PageHeader";
import { Empty, Failed, LoadingList } from "../../components/states";
import { type Description, type Group, groupsOf, type Operation } from "../../lib/openapi";
import { OperationView } from "./OperationView";
import styles from "./reference.module.css";

/** ReferencePage is the description of the API, as this gateway gives it. */
export function ReferencePage() {
  const { t } = useTranslation();
  const reference = useReference();
  const [search, setSearch] = useState("");
  const deferred = useDeferredValue(search);
  return (
    <>
      <PageHeader title={t("reference.title")} text={t("reference.text")} />
      <Text size="sm" mb="md">
        {t("reference.how")}{" "}
        <Anchor component={Link} to="/settings/tokens" size="sm" underline="always">
          {t("reference.tokens")}
        </Anchor>{" "}
        ·{" "}
        <Anchor href="api/v1/openapi.json" size="sm" underline="always" download="tidegate-openapi.json">
          {t("reference.download")}
        </Anchor>
      </Text>
      <TextInput label={t("reference.search")} leftSection={<IconSearch size={18} />} value={search} onChange={(event) => setSearch(event.currentTarget.value)} maw={480} mb="lg" />
      {reference.isPending ? <LoadingList /> : null}
      {reference.isError ? <Failed error={reference.error} onRetry={() => void reference.refetch()} /> : null}
      {reference.data ? <Groups description={reference.data} search={deferred} /> : null}
    </>
  );
}

function Groups({ description, search }: { description: Description; search: string }) {
  const { t } = useTranslation();
  const groups = groupsOf(description, search);
  if (groups.length === 0) {
    return <Empty icon={<IconSearch size={32} />} title={t("reference.nothing")} text={t("reference.nothingText")} />;
  }
  return (
    <Stack gap="lg">
      {groups.map((group) => (
        <Operations key={group.name} group={group} description={description} />
      ))}
    </Stack>
  );
}

function Operations({ group: { name, operations }, description }: { group: Group; description: Description }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <section aria-label={name}>
      <Title order={2} size="h4" mb="xs">
        {name}
      </Title>
      <Accordion variant="contained" order={3} value={open} onChange={setOpen}>
        {operations.map((operation) => (
          <Item key={operation.id} operation={operation} description={description} open={open === operation.id} />
        ))}
      </Accordion>
    </section>
  );
}

/** Item makes its contents only when it is open: there are a hundred and more. */
function Item({ operation, description, open }: { operation: Operation; description: Description; open: boolean }) {
  return (
    <Accordion.Item value={operation.id}>
      <Accordion.Control>
        <Line gap="xs" wrap="wrap">
          <Badge variant="default" radius="sm" className={styles.method}>
            {operation.method}
          </Badge>
          <span className={styles.path}>{operation.path}</span>
          <Text span size="sm" c="dimmed">
            {operation.summary}
          </Text>
        </Line>
      </Accordion.Control>
      <Accordion.Panel>{open ? <OperationView operation={operation} description={description} /> : null}</Accordion.Panel>
    </Accordion.Item>
  );
}
