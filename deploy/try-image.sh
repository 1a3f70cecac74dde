#!/usr/bin/env bash
# Tries an image as its users run it, and prints the figures of docs/deployment.md: deploy/try-image.sh [IMAGE]
# With Podman: ENGINE=podman deploy/try-image.sh
set -euo pipefail
cd "$(dirname "$0")/.."
engine=${ENGINE:-docker}
image=${1:-kaiyan}
name=kaiyan-try-$$
folder=$(mktemp --directory)
picture=examples/pictures/coffee.png
closed=(--read-only --cap-drop ALL --security-opt no-new-privileges --memory 2g)
trap 'rm -rf "$folder"; $engine rm --force --volumes "$name" >/dev/null 2>&1; $engine volume rm "$name" >/dev/null 2>&1 || true' EXIT

start() { $engine run --detach --name "$name" "${closed[@]}" "$@" "$image" >/dev/null; }
end() { $engine rm --force --volumes "$name" >/dev/null; }
# There is no shell in the image, but there is Node.
inside() { $engine exec "$name" node --experimental-websocket --input-type=module --eval "$@"; }
now() { date +%s%3N; }
fail() { echo "FAILED: $1" >&2; exit 1; }

predictions='
  import { openAsBlob } from "node:fs";
  const form = new FormData();
  form.append("image", await openAsBlob("examples/pictures/coffee.png"));
  let first;
  for (let left = Number(process.argv[1]); left > 0; left -= 1) {
    first = await (await fetch("http://127.0.0.1:5000/predict", { method: "POST", body: form })).json();
  }
  console.log(first[0].label, first[0].confidence);
'
answers() { [[ $(inside "$predictions" "${1:-1}") == "espresso 98.71" ]] || fail "no espresso"; }
memory() {
  inside '
    import { readFileSync } from "node:fs";
    const status = readFileSync("/proc/1/status", "utf8");
    const megabytes = (name) => Math.round(Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))[1]) * 1.024 / 1000);
    console.log(`${megabytes("VmRSS")} MB, at most ${megabytes("VmHWM")} MB`);
  '
}
wait_for() { for _ in $(seq 600); do "$@" && return; sleep 0.1; done; fail "gave up waiting for: $*"; }
answers_yet() { inside "$predictions" 1 2>/dev/null | grep --quiet espresso; }
port_answers() { curl --silent --fail --output /dev/null --form image=@$picture "http://$address/predict"; }

bytes=$($engine image inspect --format '{{.Size}}' "$image")
packed=$($engine save "$image" | gzip | wc --bytes)
echo "size: $((bytes / 1000000)) MB, $((packed / 1000000)) MB packed"

start --network none
wait_for answers_yet
echo "without network, /data not writable: $(inside "$predictions" 1)"
inside 'import { writeFileSync } from "node:fs"; writeFileSync("/data/x", "")' 2>/dev/null && fail "/data is writable"
inside 'if (process.getuid() !== 10001) process.exit(1)' || fail "not user 10001"
# The verdict on the precisions comes after two idle checks, and may not be kept here.
sleep 18
answers
end

start --network none --volume "$name:/data"
wait_for answers_yet
measured() { inside 'import { readdirSync } from "node:fs"; readdirSync("/data/measurements")' 2>/dev/null; }
wait_for measured
echo "without network, /data a volume: $(inside "$predictions" 1), and the measurement is kept"
mapfile -t check < <($engine image inspect --format '{{json .Config.Healthcheck.Test}}' "$image" \
  | node --eval 'for (const word of JSON.parse(require("fs").readFileSync(0)).slice(1)) console.log(word)')
$engine exec "$name" "${check[@]}" || fail "the health check"
answers 200
echo "memory after 200 predictions: $(memory)"
processes=$(inside 'import { readdirSync } from "node:fs"; console.log(readdirSync("/proc").filter(Number).length - 1)')
[[ $processes == 1 ]] || fail "$processes processes where one was expected"
begun=$(now)
$engine stop --time 30 "$name" >/dev/null
echo "stopped in $(($(now) - begun)) ms with status $($engine inspect --format '{{.State.ExitCode}}' "$name")"
[[ $($engine inspect --format '{{.State.ExitCode}}' "$name") == 0 ]] || fail "the exit status"
end

times=()
for _ in 1 2 3 4 5; do
  begun=$(now)
  start --publish 127.0.0.1::5000
  address=$($engine port "$name" 5000/tcp)
  until port_answers; do sleep 0.02; done
  times+=($(($(now) - begun)))
  end
done
mapfile -t times < <(printf '%s\n' "${times[@]}" | sort --numeric-sort)
echo "start to first answer: ${times[2]} ms (median of 5; ${times[0]} to ${times[4]})"

# The most that the limits let in: pictures of 49 megapixels whose decoder holds all of them, in a full queue, for 8 workers.
$engine run --rm --network none --entrypoint node "$image" --input-type=module --eval '
  import sharp from "sharp";
  const grey = { width: 7000, height: 7000, channels: 4, background: { r: 90, g: 120, b: 40, alpha: 0.5 } };
  const png = sharp({ create: grey }).toColourspace("rgb16").png({ progressive: true });
  process.stdout.write(Buffer.concat([await png.toBuffer(), Buffer.alloc(3_900_000)]));
' > "$folder/large.png"
start --publish 127.0.0.1::5000 --env KAIYAN_WORKERS=8
address=$($engine port "$name" 5000/tcp)
wait_for port_answers
seq 120 | xargs --max-procs 60 --replace curl --silent --output /dev/null --form "image=@$folder/large.png" "http://$address/predict" || true
wait_for port_answers
echo "memory under the worst load: $(memory)"
end

start --publish 127.0.0.1::5000 --restart unless-stopped
address=$($engine port "$name" 5000/tcp)
wait_for port_answers
# Node's debugger can be started from beside it, and made to abort the process as a native fault would.
inside '
  process._debugProcess(1);
  let targets;
  while (!targets) targets = await fetch("http://127.0.0.1:9229/json").then((answer) => answer.json(), () => undefined);
  const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
  socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression: "process.abort()" } }));
' >/dev/null 2>&1 || true
begun=$(now)
restarted() { [[ $($engine inspect --format '{{.RestartCount}}' "$name") == 1 ]] && port_answers; }
wait_for restarted
echo "after a native fault: answers again in $(($(now) - begun)) ms"
