/** What the network is given, to be covered, painted over and changed, while the answer follows. */
import { Flame, Grid3x3, RotateCcw } from 'lucide-react';
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { classify, sameModelAs } from '../api/classify.ts';
import { explain } from '../api/explain.ts';
import type { Classification, Explanation } from '../api/types.ts';
import { Button } from '../components/button.tsx';
import { Range } from '../components/range.tsx';
import { Segmented } from '../components/segmented.tsx';
import { usePercent } from '../components/use-percent.ts';
import { useWords } from '../i18n/i18n.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { drawSent, drawWindow, pngOf, subjectOf } from './draw.ts';
import { covered, type Edits, isUntouched, LEAST_ZOOM, MOST_ZOOM, UNTOUCHED } from './edits.ts';
import type { Lens } from './lens.ts';
import { LiveAnswer } from './live-answer.tsx';
import { explanationMessages } from './messages.ts';
import { useNewestAnswer } from './newest-answer.ts';
import { LARGEST, SMALLEST, Surface, type Tool } from './surface.tsx';
import { ALL_CLASSES } from './use-seen.ts';
import styles from './workbench.module.css';

interface WorkbenchProps {
  readonly bitmap: ImageBitmap;
  readonly lens: Lens;
  /** Of the picture as it is, with all classes. */
  readonly answer: Classification;
  /** The same; its class is the one whose heat is shown. */
  readonly explanation: Explanation;
  /** Whether there is only covering and painting. */
  readonly simple?: boolean;
}

type Wanted = ReturnType<typeof sameModelAs> & { readonly heatOf: number | undefined };

interface Looked {
  readonly classification: Classification;
  readonly explanation: Explanation | undefined;
}

const TOOLS = ['cover', 'paint', 'move'] as const;

export function Workbench({ bitmap, lens, answer, explanation, simple = false }: WorkbenchProps) {
  const say = useWords(explanationMessages);
  const percent = usePercent();
  const { language } = usePreferences();
  const subject = useMemo(() => subjectOf(bitmap, lens), [bitmap, lens]);
  const [edits, setEdits] = useState<Edits>(UNTOUCHED);
  const [tool, setTool] = useState<Tool>('cover');
  const [size, setSize] = useState(0.3);
  const [pixelsShown, setPixelsShown] = useState(false);
  const [heatShown, setHeatShown] = useState(false);
  const sent = useRef<HTMLCanvasElement>(null);
  const small = useRef<HTMLCanvasElement>(null);
  const large = useRef<HTMLCanvasElement>(null);

  const { ask, clear, ...live } = useNewestAnswer((asked: Wanted, signal) =>
    lookAt(sent.current as HTMLCanvasElement, asked, signal),
  );
  const untouched = isUntouched(edits);
  // By occlusion it would take fifty times as long as an answer.
  const canHeat = explanation.exact;
  const heatOf = canHeat && heatShown ? explanation.class.index : undefined;
  const wanted = { ...sameModelAs(answer), heatOf };
  const follow = useEffectEvent(() => (untouched ? clear() : ask(wanted)));
  // biome-ignore lint/correctness/useExhaustiveDependencies: in another language, or by another model, it is another answer
  useEffect(() => {
    if (!sent.current || !large.current) return;
    drawSent(sent.current, subject, lens, edits);
    drawWindow(large.current, sent.current, lens);
    if (small.current) drawWindow(small.current, sent.current, lens);
    follow();
  }, [subject, lens, edits, heatOf, language, wanted.model]);

  const change = (part: Partial<Edits>) => setEdits((known) => ({ ...known, ...part }));
  const resize = (next: number) => {
    setSize(next);
    setEdits((known) => (known.card ? covered(known, known.card, next) : known));
  };
  const heat = untouched ? explanation : live.answer?.explanation;
  const { width, height } = lens.window;
  return (
    <div className={styles.workbench}>
      <canvas ref={sent} hidden />
      <div className={styles.view}>
        <Surface
          ref={large}
          lens={lens}
          edits={edits}
          onEdit={setEdits}
          tool={tool}
          size={size}
          onSize={resize}
          pixelated={pixelsShown}
          heat={heatShown ? heat?.grid : undefined}
        />
        <div className={styles.toggles}>
          <Button look="quiet" icon={Grid3x3} aria-pressed={pixelsShown} onClick={() => setPixelsShown(!pixelsShown)}>
            {say('showPixels')}
          </Button>
          {canHeat && (
            <Button look="quiet" icon={Flame} aria-pressed={heatShown} onClick={() => setHeatShown(!heatShown)}>
              {say('showHeat')}
            </Button>
          )}
        </div>
      </div>
      {!simple && (
        <figure className={styles.given}>
          <canvas ref={small} style={{ inlineSize: width, blockSize: height }} />
          <figcaption>{say('given', { width, height })}</figcaption>
        </figure>
      )}
      <div className={styles.controls}>
        <Segmented
          label={say('tool')}
          value={tool}
          options={TOOLS.filter((one) => !simple || one !== 'move').map((value) => ({ value, label: say(value) }))}
          onChange={setTool}
        />
        {tool !== 'move' && (
          <Range
            label={say(tool === 'cover' ? 'cardSize' : 'brushSize')}
            value={size}
            {...{ min: SMALLEST, max: LARGEST, step: SMALLEST }}
            shown={percent(size, 0)}
            onChange={resize}
          />
        )}
        {!simple && <Sliders edits={edits} onChange={change} />}
        <Button icon={RotateCcw} idle={untouched} onClick={() => setEdits(UNTOUCHED)} className={styles.reset}>
          {say('reset')}
        </Button>
      </div>
      <LiveAnswer before={answer} live={{ ...live, answer: live.answer?.classification }} onRetry={() => ask(wanted)} />
    </div>
  );
}

async function lookAt(canvas: HTMLCanvasElement, { heatOf, ...model }: Wanted, signal: AbortSignal): Promise<Looked> {
  const picture = await pngOf(canvas);
  const classification = await classify(picture, { ...model, signal, top: ALL_CLASSES });
  const explanation = heatOf === undefined ? undefined : await explain(picture, { ...model, signal, class: heatOf });
  return { classification, explanation };
}

interface SlidersProps {
  readonly edits: Edits;
  readonly onChange: (change: Partial<Edits>) => void;
}

const MOST_BLUR = 12;

function Sliders({ edits, onChange }: SlidersProps) {
  const say = useWords(explanationMessages);
  const percent = usePercent();
  const { zoom, turn, blur, brightness } = edits;
  return (
    <>
      <Range
        label={say('zoom')}
        value={zoom}
        {...{ min: LEAST_ZOOM, max: MOST_ZOOM, step: 0.05 }}
        shown={percent(zoom, 0)}
        onChange={(next) => onChange({ zoom: next })}
      />
      <Range
        label={say('turn')}
        value={turn}
        {...{ min: -180, max: 180, step: 1 }}
        shown={`${turn}°`}
        onChange={(next) => onChange({ turn: next })}
      />
      <Range
        label={say('blur')}
        value={blur}
        {...{ min: 0, max: MOST_BLUR, step: 1 }}
        shown={say('pixels', { count: blur })}
        onChange={(next) => onChange({ blur: next })}
      />
      <Range
        label={say('brightness')}
        value={brightness}
        {...{ min: 0, max: 3, step: 0.05 }}
        shown={percent(brightness, 0)}
        onChange={(next) => onChange({ brightness: next })}
      />
    </>
  );
}
