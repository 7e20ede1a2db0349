// What a printed page says of itself: when it was shown, and where it is found again.
(() => {
  const tell = () => {
    const link = document.getElementById("printed-address");
    link.href = link.textContent = location.href;
    document.getElementById("printed-at").textContent = new Date().toLocaleString();
  };
  addEventListener("beforeprint", tell);
  addEventListener("DOMContentLoaded", () => {
    tell();
    const button = document.getElementById("print");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
})();
