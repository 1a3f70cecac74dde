/** How the gallery looks: light and dark, on a telephone and on a wall. */
export const style = `
:root{color-scheme:light dark;--ground:#fbfaf8;--card-ground:#fff;--card:10rem;--text:#1c1b1a;--soft:#625f5a;--line:#dedad3;--accent:#0b5f8a}
@media (prefers-color-scheme:dark){:root{--ground:#161718;--card-ground:#212325;--text:#ecebe8;--soft:#a8a59f;--line:#383b3e;--accent:#7cc4ee}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:90rem;padding:1rem clamp(.75rem,3vw,2.5rem) 3rem;background:var(--ground);color:var(--text);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
a{color:var(--accent)}
a:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.4rem}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
h1{margin:.5rem 0 0;font-size:1.7rem;line-height:1.25;overflow-wrap:anywhere}
.labels{display:flex;flex-wrap:wrap;gap:1.5rem .75rem}
.labels section{width:min(100%,calc(var(--n)*(var(--card) + .75rem) - .75rem))}
h2{margin:0 0 .5rem;font-size:1.25rem;line-height:1.3;overflow-wrap:anywhere}
.labels h2{font-size:1.05rem}
p{margin:.25rem 0 1rem;color:var(--soft)}
.count{color:var(--soft)}
.jump,.pages{display:flex;flex-wrap:wrap;gap:.5rem;margin:0 -.25rem 1rem;padding:.25rem;list-style:none}
.jump a,.pages a,.pages span{display:inline-block;padding:.45rem .8rem;border:1px solid var(--line);border-radius:2rem;background:var(--card-ground);text-decoration:none;white-space:nowrap}
nav+nav,.labels+nav{margin-top:2rem}
.shelf{margin:2rem 0 0;padding:1rem 0 0;border-top:1px solid var(--line)}
.title{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .75rem;margin:0 0 .75rem}
.title h2{margin:0}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(var(--card),100%),1fr));gap:.75rem;margin:0;padding:0;list-style:none}
.grid a{display:block;height:100%;border:1px solid var(--line);border-radius:.6rem;overflow:hidden;background:var(--card-ground);color:inherit;text-decoration:none}
.grid a:hover{border-color:var(--accent)}
.grid img{display:block;width:100%;height:auto;aspect-ratio:1;object-fit:cover;background:var(--line)}
.grid b,.grid small{display:block;padding:0 .6rem;overflow-wrap:anywhere}
.grid b{padding-top:.4rem;font-size:.9rem;line-height:1.3}
.grid b span{font-weight:400;white-space:nowrap}
.grid small{padding-bottom:.5rem;color:var(--soft)}
@media (max-width:40rem){:root{--card:calc(50vw - 1.75rem)}.jump{flex-wrap:nowrap;overflow-x:auto}}
`.trim();
