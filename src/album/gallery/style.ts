/** How the gallery looks: light and dark, on a telephone and on a wall. */
export const style = `
:root{color-scheme:light dark;--ground:#fbfaf8;--card:#fff;--text:#1c1b1a;--soft:#625f5a;--line:#dedad3;--accent:#0b5f8a}
@media (prefers-color-scheme:dark){:root{--ground:#161718;--card:#212325;--text:#ecebe8;--soft:#a8a59f;--line:#383b3e;--accent:#7cc4ee}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:90rem;padding:1rem clamp(.75rem,3vw,2.5rem) 3rem;background:var(--ground);color:var(--text);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
a{color:var(--accent)}
a:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.4rem}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
h1{margin:.5rem 0 0;font-size:1.7rem;line-height:1.25;overflow-wrap:anywhere}
h2{margin:0;font-size:1.25rem}
h3{margin:1.5rem 0 .5rem;font-size:1rem}
p{margin:.25rem 0 1rem;color:var(--soft)}
.count{color:var(--soft);font-weight:400;font-size:.95rem}
.jump,.pages{display:flex;flex-wrap:wrap;gap:.5rem;margin:0 0 1rem;padding:0;list-style:none}
.jump a,.pages a,.pages span{display:inline-block;padding:.45rem .8rem;border:1px solid var(--line);border-radius:2rem;background:var(--card);text-decoration:none}
.shelf{margin:2rem 0 0;padding:1rem 0 0;border-top:1px solid var(--line)}
.title{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .75rem;margin:0 0 .75rem}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(9.5rem,44%),1fr));gap:.75rem;margin:0;padding:0;list-style:none}
.grid a{display:block;height:100%;border:1px solid var(--line);border-radius:.6rem;overflow:hidden;background:var(--card);color:inherit;text-decoration:none}
.grid a:hover{border-color:var(--accent)}
.grid img{display:block;width:100%;height:auto;aspect-ratio:1;object-fit:cover;background:var(--line)}
.grid b,.grid small{display:block;padding:0 .6rem;overflow-wrap:anywhere}
.grid b{padding-top:.4rem;font-size:.9rem;line-height:1.3}
.grid small{padding-bottom:.5rem;color:var(--soft);display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
`.trim();
