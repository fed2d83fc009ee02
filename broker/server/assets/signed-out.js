// Leads on once the frames are loaded, or have had their time; without scripts a refresh or the button does.
(function () {
  "use strict";
  var onward = document.querySelector("#continue[data-goes-on]");
  if (!onward) { return; }
  var gone = false;
  function go() { if (!gone) { gone = true; onward.click(); } }
  window.addEventListener("load", go);
  window.setTimeout(go, 4000);
})();
