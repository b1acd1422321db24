// Runs before the first paint, so that a dark system never flashes white; later the theme buttons.
// The choice lives in a cookie because the server writes the attribute on the next page.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const apply = (choice) => {
    root.dataset.theme = choice;
    root.dataset.bsTheme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
  };

  const show = () => {
    for (const button of document.querySelectorAll("[data-theme-choice]"))
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === root.dataset.theme));
  };

  apply(root.dataset.theme || "system");
  dark.addEventListener("change", () => apply(root.dataset.theme));
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${button.dataset.themeChoice}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    apply(button.dataset.themeChoice);
    show();
  });
})();
