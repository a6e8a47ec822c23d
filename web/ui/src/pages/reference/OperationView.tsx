import { Code, Stack, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { boundsOf, curlOf, type Description, type Operation, type Parameter, schemaOf, typeOf } from "../../lib/openapi";
import styles from "./reference.module.css";
import { SchemaView } from "./SchemaView";

interface Props {
  operation: Operation;
  description: Description;
}

/** OperationView tells what an operation takes and gives. */
export function OperationView({ operation, description }: Props) {
  const { t } = useTranslation();
  const body = schemaOf(operation.requestBody);
  const answers = Object.entries(operation.responses).filter(([status]) => status !== "default");
  return (
    <Stack gap="sm">
      {operation.description ? <Text size="sm">{operation.description}</Text> : null}
      {operation.parameters?.length ? <Parameters list={operation.parameters} /> : null}
      {body ? (
        <section>
          <Title order={4} size="h6">
            {t("reference.body", { type: body.type })}
          </Title>
          <SchemaView schema={body.schema} description={description} />
        </section>
      ) : null}
      {answers.map(([status, answer]) => {
        const content = schemaOf(answer);
        return (
          <section key={status}>
            <Title order={4} size="h6">
              {t("reference.answer", { status, type: content?.type ?? "" })}
            </Title>
            {content ? <SchemaView schema={content.schema} description={description} /> : <Text size="sm">{answer.description}</Text>}
          </section>
        );
      })}
      <Code block className={styles.command}>
        {curlOf(operation, window.location.origin)}
      </Code>
    </Stack>
  );
}

function Parameters({ list }: { list: readonly Parameter[] }) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={320}>
      <Table aria-label={t("reference.parameters")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("reference.parameter")}</Table.Th>
            <Table.Th>{t("reference.type")}</Table.Th>
            <Table.Th>{t("reference.meaning")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.map(({ name, in: place, required, schema = {}, description = "" }) => (
            <Table.Tr key={`${place} ${name}`}>
              <Table.Td>
                <Code>{name}</Code>
              </Table.Td>
              <Table.Td>
                {typeOf(schema)} · {place}
                {required ? "" : ` · ${t("reference.optional")}`}
              </Table.Td>
              <Table.Td>{[description, boundsOf(schema)].filter(Boolean).join(" · ")}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
