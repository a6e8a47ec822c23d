import { Alert, List } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Problem } from "../api/problem";
import { IconWarn } from "./icons";

interface Props {
  problem: Problem;
  /** What of the problem is not already shown at a field; all of it when left out. */
  rest?: readonly string[];
}

/** ProblemAlert says what went wrong and what to do, in the server's words where it has some. */
export function ProblemAlert({ problem, rest }: Props) {
  const { t } = useTranslation();
  const details = rest ?? (problem.message ? [problem.message] : []);
  return (
    <Alert color="red" variant="light" icon={<IconWarn />} title={t(`problem.${problem.code}`)} role="alert">
      {details.length > 1 ? (
        <List size="sm">
          {details.map((detail) => (
            <List.Item key={detail}>{detail}</List.Item>
          ))}
        </List>
      ) : (
        (details[0] ?? t(`problemHelp.${problem.code}`))
      )}
    </Alert>
  );
}
