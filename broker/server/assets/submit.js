// Sends the form of a form_post page; without scripts the person presses its button.
(function () {
  "use strict";
  var form = document.getElementById("post-form");
  // Taken from the prototype: a field named "submit" would hide the form's own method.
  if (form) { HTMLFormElement.prototype.submit.call(form); }
})();
