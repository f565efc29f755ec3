/* Passkeys: the one thing that pages cannot do without a script. A button with data-passkey-url asks the server what to sign,
   has the browser sign it, puts the answer into its own form as "passkey" and sends the form. Nothing here decides anything. */
"use strict";

(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withBytes = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const make = async (options) => {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: withBytes(options.excludeCredentials),
      },
    });
    const { clientDataJSON, attestationObject } = made.response;
    return answer(made, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) });
  };

  const ask = async (options) => {
    const given = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: withBytes(options.allowCredentials),
      },
    });
    const { clientDataJSON, authenticatorData, signature } = given.response;
    return answer(given, {
      clientDataJSON: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
    });
  };

  const answer = (credential, response) =>
    JSON.stringify({ id: credential.id, rawId: credential.id, type: credential.type, response });

  const say = (button, words) => {
    const place = document.getElementById(button.getAttribute("aria-describedby"));
    if (place) place.textContent = words;
  };

  const run = async (button) => {
    const form = button.form;
    const reply = await fetch(button.dataset.passkeyUrl, { method: "POST", body: new FormData(form) });
    const body = await reply.json();
    if (!reply.ok) throw new Error(body.error.message);
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "passkey";
    field.value = await (body.user ? make(body) : ask(body));
    form.append(field);
    form.submit();
  };

  /* Without this script the button stays closed, and the page says what to do. */
  for (const button of document.querySelectorAll("button[data-passkey-url]")) button.disabled = false;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-passkey-url]");
    if (!button) return;
    event.preventDefault();
    if (!window.PublicKeyCredential) {
      say(button, "This browser, or this address, has no passkeys. They need https or localhost, and a name instead of an IP address.");
      return;
    }
    say(button, "Waiting for your passkey …");
    button.disabled = true;
    run(button).catch((error) => {
      button.disabled = false;
      say(button, error.name === "NotAllowedError" ? "No passkey was touched, or it was refused; nothing was sent." : error.message);
    });
  });
})();
