const page = document.documentElement, language = document.getElementById("language");
function speak(name) {
  page.dataset.lang = page.lang = name;
  language.textContent = name === "zh" ? "English" : "中文";
}
speak((navigator.language || "").startsWith("zh") ? "zh" : "en");
language.addEventListener("click", () => speak(page.dataset.lang === "zh" ? "en" : "zh"));
document.getElementById("filter").addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const group of document.querySelectorAll(".group")) group.hidden = !group.dataset.title.includes(wanted);
});
