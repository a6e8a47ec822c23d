import { Anchor, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { PageHeader } from "../../components/PageHeader";
import styles from "./help.module.css";
import { questions, steps } from "./steps";

/** HelpPage leads a newcomer from the cabinet to the cloud, with a picture of each step. */
export function HelpPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("nav.help")} text={t("help.text")} />
      <ol className={styles.steps}>
        {steps.map(({ name, to, picture }) => (
          <li key={name} className={styles.step}>
            <div>
              <Title order={2} size="h4">
                {t(`help.step.${name}.title`)}
              </Title>
              <Text>{t(`help.step.${name}.text`)}</Text>
              <Anchor component={Link} to={to} underline="always">
                {t(`help.step.${name}.link`)}
              </Anchor>
            </div>
            <img src={picture} alt={t(`help.step.${name}.picture`)} width={390} height={720} loading="lazy" className={styles.picture} />
          </li>
        ))}
      </ol>
      <Questions />
    </>
  );
}

function Questions() {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="questions">
      <Title order={2} size="h3" id="questions" mb="sm">
        {t("help.wrong")}
      </Title>
      <dl className={styles.questions}>
        {questions.map(({ name, to }) => (
          <div key={name}>
            <dt>{t(`help.question.${name}.title`)}</dt>
            <dd>
              {t(`help.question.${name}.text`)}{" "}
              <Anchor component={Link} to={to} underline="always">
                {t(`help.question.${name}.link`)}
              </Anchor>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
