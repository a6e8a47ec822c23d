import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import de from "./locales/de.json";
import en from "./locales/en.json";

export const languages = ["en", "de"] as const;
const storageKey = "tidegate-language";

function initialLanguage(): string {
  const wanted = [localStorage.getItem(storageKey), ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return wanted.find((tag) => languages.some((language) => language === tag)) ?? "en";
}

function applyLanguage(language: string): void {
  document.documentElement.lang = language;
}

/** startTexts makes every visible text ready; the texts are part of the page, nothing is loaded. */
export async function startTexts(): Promise<void> {
  i18next.on("languageChanged", applyLanguage);
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, de: { translation: de } },
    lng: initialLanguage(),
    fallbackLng: "en",
    interpolation: { escapeValue: false },
  });
}

export async function chooseLanguage(language: string): Promise<void> {
  localStorage.setItem(storageKey, language);
  await i18next.changeLanguage(language);
}

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}
