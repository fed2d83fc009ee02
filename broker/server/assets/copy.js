// Shows the copy buttons; without scripts people mark the text themselves.
(function () {
  "use strict";
  var said = document.getElementById("copied");
  function done(button, worked) {
    var label = document.querySelector("label[for='" + button.dataset.copies + "']");
    said.textContent = (label ? label.textContent : "Value") + (worked ? " copied" : " is marked: copy it");
    button.firstChild.textContent = worked ? "Copied" : "Copy";
    window.setTimeout(function () { button.firstChild.textContent = "Copy"; }, 2000);
  }
  document.querySelectorAll("button[data-copies]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var field = document.getElementById(button.dataset.copies);
      // Only secure contexts have a clipboard; otherwise the text is left marked.
      if (!navigator.clipboard) { field.select(); done(button, false); return; }
      navigator.clipboard.writeText(field.value).then(
        function () { done(button, true); },
        function () { field.select(); done(button, false); });
    });
  });
})();
