// Dark, light, or as the system has it. Kept in this browser.
export type Theme = "system" | "light" | "dark";

export const storedTheme = (): Theme => {
  const kept = localStorage.getItem("onefold.theme");
  return kept === "light" || kept === "dark" ? kept : "system";
};

export const applyTheme = (theme: Theme = storedTheme()) => {
  localStorage.setItem("onefold.theme", theme);
  document.documentElement.dataset["theme"] = theme;
};
