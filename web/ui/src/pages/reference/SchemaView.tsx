import { Code, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { boundsOf, type Description, resolve, type Schema, typeOf } from "../../lib/openapi";
import styles from "./reference.module.css";

interface Props {
  schema: Schema;
  description: Description;
}

/** SchemaView lists the fields of an object; what they contain themselves is shown when it is asked for. */
export function SchemaView({ schema, description }: Props) {
  const { t } = useTranslation();
  const inner = insideOf(schema, description);
  if (!inner.properties) {
    return (
      <Text size="sm">
        <Code>{typeOf(schema)}</Code> {boundsOf(inner)}
      </Text>
    );
  }
  return (
    <ul className={styles.fields}>
      {Object.entries(inner.properties).map(([name, field]) => (
        <li key={name}>
          <Code fw={650}>{name}</Code> <FieldType schema={field} description={description} />
          {inner.required?.includes(name) ? null : (
            <Text span size="xs" c="dimmed">
              {t("reference.optional")}
            </Text>
          )}{" "}
          <Text span size="sm" c="dimmed">
            {[field.description, boundsOf(resolve(field, description))].filter(Boolean).join(" · ")}
          </Text>
        </li>
      ))}
    </ul>
  );
}

/** insideOf is what an array or a map contains, or the schema itself. */
function insideOf(schema: Schema, description: Description): Schema {
  const own = resolve(schema, description);
  const inner = own.items ?? (typeof own.additionalProperties === "object" ? own.additionalProperties : undefined);
  return inner ? insideOf(inner, description) : own;
}

function FieldType({ schema, description }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const type = typeOf(schema);
  if (!insideOf(schema, description).properties) {
    return <Code>{type}</Code>;
  }
  return (
    <>
      <button type="button" className={styles.more} aria-expanded={open} aria-label={t("reference.fieldsOf", { type })} onClick={() => setOpen(!open)}>
        {type} {open ? "−" : "+"}
      </button>
      {open ? <SchemaView schema={schema} description={description} /> : null}
    </>
  );
}
