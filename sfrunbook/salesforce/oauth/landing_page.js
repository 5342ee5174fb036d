// A browser closes only a tab that a script opened; any other stays, and then says so.
setTimeout(() => window.close(), 2000);
setTimeout(() => { document.querySelector("p").textContent = "Return to sfrunbook. You can close this tab." }, 2500);
