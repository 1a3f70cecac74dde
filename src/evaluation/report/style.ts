/** How the report looks: as the product's page does, in both lights, on a telephone and on paper. */
export const style = `
:root{color-scheme:light dark;--ground:#fafaf9;--surface:#fff;--line:#e0e3e0;--text:#171c1a;--quiet:#55605c;--accent:#0b716a;--heat:#0b716a;--cold:#9c3412;--problem:#9c3412;--tint:#e2f0ee}
@media screen and (prefers-color-scheme:dark){:root{--ground:#111413;--surface:#1a1e1d;--line:#2e3533;--text:#eaefed;--quiet:#a2aeaa;--accent:#4fc4b8;--heat:#12857b;--cold:#a3431d;--problem:#f5a582;--tint:#173230}}
*,*::before,*::after{box-sizing:border-box}
html{font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif;color:var(--text);background:var(--ground);-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:68rem;padding:0 clamp(1rem,4vw,2.5rem) 4rem}
h1,h2,h3,p,dl,dd,ol,ul,figure{margin:0;padding:0}
h1,h2,h3{line-height:1.25;text-wrap:balance;overflow-wrap:anywhere;font-weight:600}
h1{font-size:clamp(1.75rem,1.2rem + 2.2vw,2.75rem);letter-spacing:-.015em}
h2{font-size:1.5625rem;letter-spacing:-.01em}
h3{font-size:1.0625rem}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.25rem}
header{padding:2.5rem 0 0}
.eyebrow{color:var(--accent);font-weight:600;font-size:.875rem}
.warning{color:var(--problem)}
.quiet{color:var(--quiet)}
.small{font-size:.875rem}
main>section{margin-top:1.25rem;padding:clamp(1.25rem,3vw,2rem);background:var(--surface);border:1px solid var(--line);border-radius:.75rem}
main>section>*+*{margin-top:.75rem}
section>.about{max-width:44rem;color:var(--quiet)}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1.5rem 2.5rem}
.side{min-width:0}
.side>*+*{margin-top:.75rem}
.number{font-size:clamp(3rem,2.2rem + 4vw,4.75rem);font-weight:600;line-height:1;letter-spacing:-.03em;font-variant-numeric:tabular-nums}
.lead{font-size:1.25rem;line-height:1.35}
.track{display:block;position:relative;height:.5rem;border-radius:1rem;background:var(--line)}
.track i{position:absolute;top:0;bottom:0;left:calc(var(--low)*100%);right:calc(100% - var(--high)*100%);border-radius:1rem;background:var(--accent);opacity:.45}
.track b{position:absolute;top:-.25rem;left:calc(var(--at)*100% - .5rem);width:1rem;height:1rem;border-radius:1rem;background:var(--accent);border:2px solid var(--surface)}
.terms{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,9.5rem),1fr));gap:1.25rem 1.75rem;padding-top:1.25rem;border-top:1px solid var(--line)}
.terms dt{font-weight:600}
.terms .value{font-size:1.5rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.3}
.terms dd{font-size:.875rem;color:var(--quiet)}
.terms dd.value{color:var(--text)}
.split{display:flex;gap:2px;overflow:hidden;border-radius:.5rem;font-size:.875rem}
.split span{flex:var(--n) 0 0;min-width:2px;height:1.25rem;background:var(--line)}
.split .a{background:var(--accent)}.split .b{background:var(--cold)}.split .r{background:var(--tint)}
.key{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;font-size:.875rem}
.key li::before{content:"";display:inline-block;width:.75rem;height:.75rem;margin-right:.4rem;border-radius:.2rem;background:var(--line);vertical-align:-.05rem}
.key .a::before{background:var(--accent)}.key .b::before{background:var(--cold)}.key .r::before{background:var(--tint)}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9375rem}
caption{text-align:left;color:var(--quiet);font-size:.875rem;padding-bottom:.35rem}
th{font-weight:600;text-align:left}
td,th{padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:baseline}
td.n,th.n{text-align:right}
td.n,.averages td{white-space:nowrap}
thead th{word-break:keep-all}
table.wide{width:100%}
.wide thead th{white-space:nowrap}
tfoot td,tfoot th{font-weight:400;color:var(--quiet)}
.bar{display:block;min-width:3.5rem;white-space:nowrap}
.bar::after{content:"";display:block;height:.25rem;border-radius:1rem;background:linear-gradient(to right,var(--accent) calc(var(--v)*100%),var(--line) 0)}
.heat{border-collapse:separate;border-spacing:2px;font-size:.8125rem}
.heat td,.heat th{border:0;padding:.3rem}
.heat tbody th{padding:0 .5rem 0 0;font-weight:400;line-height:1.2;vertical-align:middle}
.heat tbody th bdi{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;margin-left:auto}
td bdi,tbody th bdi{display:block;width:max-content;max-width:min(12rem,28vw);overflow-wrap:anywhere}
.heat td.corner{background:none}
.heat thead th{vertical-align:bottom;font-weight:400;text-align:left}
.heat thead th span{display:block;writing-mode:vertical-rl;max-height:10rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;line-height:1.2;transform:rotate(180deg);text-align:left}
.heat:lang(zh) thead th span{transform:none;text-align:right}
.heat td{min-width:2.25rem;height:2.25rem;text-align:center;vertical-align:middle;border-radius:.25rem;background:var(--ground)}
.heat td.right{background:color-mix(in srgb,var(--heat) calc(12% + var(--v)*58%),var(--surface))}
.heat td.wrong{background:color-mix(in srgb,var(--cold) calc(12% + var(--v)*58%),var(--surface))}
@media screen and (prefers-color-scheme:dark){.heat td.right{background:color-mix(in srgb,var(--heat) calc(20% + var(--v)*60%),var(--surface))}.heat td.wrong{background:color-mix(in srgb,var(--cold) calc(20% + var(--v)*60%),var(--surface))}}
figure{max-width:32rem}
figcaption{font-size:.875rem;color:var(--quiet)}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-size:12.5px;fill:var(--quiet)}
svg .axis{stroke:var(--line);stroke-width:1;fill:none}
svg .ideal{stroke:var(--quiet);stroke-width:1;stroke-dasharray:4 4;fill:none}
svg .line{stroke:var(--accent);stroke-width:2.5;fill:none;stroke-linejoin:round}
svg .second{stroke:var(--cold)}
svg .dot{fill:var(--accent);stroke:var(--surface);stroke-width:1.5}
svg text.strong{fill:var(--text);font-weight:600}
svg text.one{fill:var(--accent);font-weight:600}svg text.two{fill:var(--problem);font-weight:600}
@media screen and (prefers-color-scheme:dark){svg .second{stroke:var(--problem)}}
summary{cursor:pointer;color:var(--accent);min-height:1.75rem}
details>*+*{margin-top:.5rem}
.mistakes{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(10rem,100%),1fr));gap:1rem;list-style:none}
.mistakes img,.mistakes .none{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:.5rem;background:var(--line)}
.mistakes .none{display:grid;place-items:center;color:var(--text);font-size:.875rem}
.mistakes p{font-size:.9375rem;line-height:1.35;overflow-wrap:anywhere}
.mistakes p:first-of-type{margin-top:.5rem}
.mistakes .wrong{color:var(--problem)}
.facts{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.35rem 1.5rem;font-size:.9375rem}
.facts dt{color:var(--quiet)}
.facts dd{overflow-wrap:anywhere}
.plain{padding-left:1.25rem}
.plain li{overflow-wrap:anywhere}
.beside{display:flex;flex-wrap:wrap;gap:1.5rem 3rem;align-items:start}
.beside>*{min-width:0;max-width:100%}
.beside>figure{flex:1 1 22rem}
footer{margin-top:1.5rem;color:var(--quiet);font-size:.875rem}
footer>*+*{margin-top:.5rem}
@media (max-width:34rem){.mistakes{grid-template-columns:1fr 1fr;gap:.75rem}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.5rem}}
@media print{:root{color-scheme:light;--ground:#fff;--surface:#fff}body{max-width:none;padding:0}main>section{border:0;padding:0;margin-top:1.5rem}figure,.mistakes li,tr{break-inside:avoid}h2,h3{break-after:avoid}.skip,.bar::after{print-color-adjust:exact}.heat td,.track i,.track b,.split span,.bar::after{print-color-adjust:exact;-webkit-print-color-adjust:exact}@supports selector(::details-content){details::details-content{content-visibility:visible;height:auto}summary{display:none}}}
`.trim();
