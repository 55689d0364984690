/* A <form data-autosave="person"> is kept while one types: at once as a copy in this browser, and a few seconds after
   the last key, or when a field is left, as the draft on the server. The draft's address is the form's own.

   The server answers with the new revision and a sentence. Where somebody saved elsewhere it says so, and this page
   stops; where it does not answer, or asks to sign in, the copy stays and is offered when the form is opened again. */
{
  const PAUSE = 3000;
  const RETRY = 20000;
  const PATIENCE = 5000;
  const NOT_TYPED = new Set(["csrfmiddlewaretoken", "revision", "act"]);

  const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

  /* Files are left to the submitting: they are not kept while one types. */
  const sentFields = (form) => [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const typedFields = (form) => sentFields(form).filter(([name]) => !NOT_TYPED.has(name));
  const asText = (fields) => JSON.stringify(fields);

  /* After signing in anew in another window the page's own token is stale; the cookie has the new one. */
  const renewToken = (form) => {
    const token = document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/)?.[1];
    for (const input of form.querySelectorAll("[name=csrfmiddlewaretoken]")) if (token) input.value = token;
  };

  const keep = (form) => {
    const address = new URL(form.action);
    const key = `${form.dataset.autosave}:${address.pathname}${address.search}`;
    const status = form.querySelector("[data-status]");
    let kept = asText(typedFields(form));
    let timer = null;
    let running = null;
    let isStopped = false;

    const say = (text) => {
      if (status.textContent !== text) status.textContent = text;
    };
    const sayTemplate = (name) => {
      const template = form.querySelector(`template[data-say="${name}"]`);
      if (status.dataset.shows !== name) status.replaceChildren(template.content.cloneNode(true));
      status.dataset.shows = name;
    };
    const copy = (sent = false) => typedCopies.write(key, { at: Date.now(), sent, fields: typedFields(form) });
    const endCopy = () => typedCopies.end((other) => other === key);
    const schedule = (time) => {
      clearTimeout(timer);
      if (!isStopped) timer = setTimeout(save, time);
    };

    const take = (answer, sent) => {
      delete status.dataset.shows;
      say(answer.message);
      isStopped = Boolean(answer.is_stale);
      if (answer.revision === undefined) return;
      form.elements.revision.value = answer.revision;
      kept = sent;
      if (answer.is_whole && asText(typedFields(form)) === sent) {
        endCopy();
        form.dispatchEvent(new CustomEvent("kept", { bubbles: true }));
      }
    };

    const send = async () => {
      renewToken(form);
      const sent = asText(typedFields(form));
      const body = new URLSearchParams([...sentFields(form).filter(([name]) => name !== "act"), ["act", "autosave"]]);
      try {
        const response = await fetch(address, { method: "POST", body, signal: AbortSignal.timeout(RETRY) });
        if (response.headers.get("Content-Type")?.startsWith("application/json")) {
          take(await response.json(), sent);
          return;
        }
        if (response.redirected) {
          sayTemplate("signed-out");
          return;
        }
      } catch {
        /* No network: as below. */
      }
      sayTemplate("offline");
      schedule(RETRY);
    };

    const save = async () => {
      if (running || isStopped || asText(typedFields(form)) === kept) return;
      running = send();
      await running;
      running = null;
      if (status.dataset.shows === undefined && asText(typedFields(form)) !== kept) schedule(PAUSE);
    };

    form.addEventListener("input", () => {
      copy();
      schedule(PAUSE);
    });
    form.addEventListener("focusout", (event) => {
      if (!event.relatedTarget?.closest("button")) schedule(0);
    });
    for (const name of ["online", "focus"]) window.addEventListener(name, () => schedule(0));

    form.addEventListener("submit", async (event) => {
      clearTimeout(timer);
      renewToken(form);
      if (running) {
        /* The draft on its way will have a new revision, which this form has to know. */
        event.preventDefault();
        await Promise.race([running, wait(PATIENCE)]);
        running = null;
        form.requestSubmit(event.submitter);
        return;
      }
      copy(true);
    });

    offer(form, key, endCopy);
  };

  const offer = (form, key, endCopy) => {
    const found = typedCopies.read(key);
    if (!found) return;
    if (asText(found.fields) === asText(typedFields(form))) {
      if (!("unreceived" in form.dataset)) endCopy();
      return;
    }
    const box = form.querySelector("[data-restore]");
    const when = new Date(found.at);
    const isToday = when.toDateString() === new Date().toDateString();
    const language = document.documentElement.lang;
    const style = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
    box.querySelector("[data-when]").textContent = when.toLocaleString(language, { hourCycle: "h23", ...style });
    box.hidden = false;
    box.querySelector("[data-take]").addEventListener("click", () => {
      box.hidden = true;
      fill(form, found.fields);
    });
    box.querySelector("[data-drop]").addEventListener("click", () => {
      box.hidden = true;
      endCopy();
    });
  };

  const fill = (form, fields) => {
    const values = new Map(fields);
    for (const field of form.elements) {
      if (!field.name || NOT_TYPED.has(field.name) || ["file", "submit", "hidden"].includes(field.type)) continue;
      if (field.type === "checkbox") field.checked = values.has(field.name);
      else if (field.type === "radio") field.checked = values.get(field.name) === field.value;
      else if (values.has(field.name)) field.value = values.get(field.name);
      if (field.value) field.closest("details")?.setAttribute("open", "");
    }
    for (const part of form.querySelectorAll("textarea, fieldset")) part.dispatchEvent(new Event("input", { bubbles: true }));
  };

  for (const form of document.querySelectorAll("form[data-autosave]")) keep(form);
}
