import { SegmentedControl, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Publication, usePublish } from "../../../api/messages";
import { asProblem } from "../../../api/problem";
import { ConfirmDelete } from "../../../components/ConfirmDelete";
import { FormDrawer } from "../../../components/FormDrawer";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { bytesOfHex } from "../../../lib/payload";

interface Props {
  topic: string;
  onClose: () => void;
}

const formats = ["text", "hex"] as const;

/** PublishDrawer publishes one message. A retained one without payload removes what is retained, so it asks first. */
export function PublishDrawer({ topic: initial, onClose }: Props) {
  const { t } = useTranslation();
  const publish = usePublish();
  const [topic, setTopic] = useState(initial);
  const [format, setFormat] = useState<(typeof formats)[number]>("text");
  const [payload, setPayload] = useState("");
  const [qos, setQoS] = useState("0");
  const [retain, setRetain] = useState(false);
  const [asking, setAsking] = useState(false);
  const bytes = format === "hex" ? bytesOfHex(payload) : new TextEncoder().encode(payload);
  const send = (message: Publication) =>
    publish.mutate(message, {
      onSuccess: () => {
        notifications.show({ message: t("topics.published", { topic: message.topic }) });
        onClose();
      },
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!bytes) {
      return;
    }
    if (retain && bytes.length === 0) {
      setAsking(true);
    } else {
      send({ topic, payload: bytes, qos: Number(qos), retain });
    }
  };
  return (
    <FormDrawer
      opened
      title={t("topics.publishTitle")}
      submit={t("topics.publish")}
      saving={publish.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={publish.error && !asking ? <ProblemAlert problem={asProblem(publish.error)} /> : null}
    >
      <TextInput label={t("topics.topic")} value={topic} required data-autofocus classNames={{ input: "mono" }} onChange={(event) => setTopic(event.currentTarget.value)} />
      <SegmentedControl
        aria-label={t("topics.format")}
        data={formats.map((value) => ({ value, label: t(`topics.views.${value}`) }))}
        value={format}
        onChange={(value) => setFormat(value === "hex" ? "hex" : "text")}
      />
      <Textarea
        label={t("topics.payload")}
        description={t(format === "hex" ? "topics.hexHelp" : "topics.textHelp")}
        error={bytes ? undefined : t("topics.badHex")}
        rows={6}
        classNames={{ input: "mono" }}
        value={payload}
        onChange={(event) => setPayload(event.currentTarget.value)}
      />
      <Select label={t("topics.quality")} data={["0", "1", "2"].map((value) => ({ value, label: t(`topics.qualities.${value}` as "topics.qualities.0") }))} value={qos} allowDeselect={false} onChange={(value) => setQoS(value ?? "0")} />
      <Switch label={t("topics.retainIt")} description={t("topics.retainHelp")} checked={retain} onChange={(event) => setRetain(event.currentTarget.checked)} />
      <ConfirmDelete
        name={asking ? topic : undefined}
        consequence={t("topics.removeText")}
        deleting={publish.isPending}
        error={publish.error}
        onCancel={() => {
          publish.reset();
          setAsking(false);
        }}
        onConfirm={() => send({ topic, payload: new Uint8Array(), qos: Number(qos), retain })}
      />
    </FormDrawer>
  );
}
