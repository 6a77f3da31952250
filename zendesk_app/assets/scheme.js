// In the head: no wrong scheme is ever painted.
document.documentElement.dataset.scheme = new URLSearchParams(location.search).get("colorScheme")
  ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
