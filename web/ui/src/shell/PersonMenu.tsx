import { Button, Menu, useMantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useLogout, useSession } from "../api/session";
import { IconSun, IconUser } from "../components/icons";
import { chooseLanguage, languages } from "../i18n";

const schemes = ["auto", "light", "dark"] as const;

/** PersonMenu has what belongs to the person at the screen: the login, the theme, the language. */
export function PersonMenu({ wide = false }: { wide?: boolean }) {
  const { t, i18n } = useTranslation();
  const { data: session } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const logout = useLogout();
  const navigate = useNavigate();
  const name = session?.user?.name ?? t("person.visitor");
  return (
    <Menu position={wide ? "top-start" : "bottom-end"} width={220} shadow="md">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          c="var(--mantine-color-text)"
          h={44}
          fullWidth={wide}
          justify={wide ? "flex-start" : "center"}
          leftSection={<IconUser />}
          aria-label={t("person.menu", { name })}
        >
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {session?.user ? (
          <>
            <Menu.Label>{t(`role.${session.user.role}`)}</Menu.Label>
            <Menu.Item onClick={() => logout.mutate()}>{t("person.logout")}</Menu.Item>
          </>
        ) : (
          <Menu.Item onClick={() => void navigate({ to: session?.setUpDone ? "/login" : "/setup" })}>
            {session?.setUpDone ? t("person.login") : t("shell.setUp")}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{t("person.theme")}</Menu.Label>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            fw={colorScheme === scheme ? 650 : 400}
            leftSection={colorScheme === scheme ? <IconSun size={16} /> : <span style={{ width: 16 }} />}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`theme.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("person.language")}</Menu.Label>
        {languages.map((language) => (
          <Menu.Item
            key={language}
            role="menuitemradio"
            aria-checked={i18n.language === language}
            fw={i18n.language === language ? 650 : 400}
            onClick={() => void chooseLanguage(language)}
          >
            {t(`language.${language}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
