@node --max-semi-space-size=1 "%~dp0..\bin\kaiyan.js" serve %*
