#include "tools/bench/page_parts.hpp"

namespace headroom::tools {

const std::string_view bench_page_style = R"css(:root {
  --paper: #fbfbf9; --panel: #ffffff; --ink: #1c1d22; --soft: #5a5d66; --line: #d9dade;
  --track: #ececea; --ours: #3b3fa8; --other: #a9acb8; --near: #1f7a4d; --middle: #b26a00;
  --far: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14151a; --panel: #1c1e25; --ink: #ecedf1; --soft: #a7abb8; --line: #363944;
    --track: #2a2c35; --ours: #9aa0ff; --other: #666b7a; --near: #5fce93; --middle: #f0b04a;
    --far: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem clamp(0.75rem, 2.5vw, 2.5rem) 3rem; max-width: 84rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
h1, h2, h3, p, ul, figure { margin: 0; }
h1 { font-size: 1.25rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.6rem; }
h3 { font-size: 0.95rem; display: flex; justify-content: space-between; gap: 0.75rem; }
h3 .ratio { white-space: nowrap; }
.kind, .hint, figcaption { color: var(--soft); font-size: 0.85rem; }
.verdict { margin: 0.6rem 0 0.5rem; font-size: 1.3rem; font-weight: 650; line-height: 1.3; }
.facts { padding-left: 1.1rem; font-size: 0.875rem; color: var(--soft); }
.facts li { overflow-wrap: anywhere; }
.port { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.9em; }
h2.port { margin-top: 2.5rem; padding-top: 0.8rem; border-top: 1px solid var(--line);
  font-size: 1.3rem; }
.hint { max-width: 75ch; margin-bottom: 0.6rem; }

.split { display: grid; gap: 1.25rem 2rem; grid-template-columns: minmax(0, 1fr);
  align-items: start; }
@media (min-width: 62rem) { .split { grid-template-columns: minmax(0, 45rem) minmax(22rem, 1fr); } }
.cards { display: grid; gap: 0.75rem;
  grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 0.5rem;
  padding: 0.7rem 0.8rem; break-inside: avoid; }
.bars { list-style: none; padding: 0; margin: 0.4rem 0 0; display: grid; gap: 0.25rem;
  font-size: 0.82rem; }
.bars li { display: grid; grid-template-columns: 6.4rem minmax(2rem, 1fr) 4.2rem 3.4rem;
  gap: 0.5rem; align-items: center; }
.list .bars li { grid-template-columns: minmax(8.6rem, 1.3fr) minmax(2rem, 1fr) 8.6rem; }
.list .bars .remark { display: none; }
.bars .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.list .bars .name, .runs .bars .name { white-space: normal; overflow-wrap: anywhere; }
.name small, tbody th small { display: block; color: var(--soft); font-size: 0.72rem;
  line-height: 1.3; }
.card .shape { color: var(--soft); font-size: 0.78rem; }
.bars .value, .bars .remark { text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.list .bars .value { text-align: left; }
.bars .track { height: 0.8rem; background: var(--track); border-radius: 2px; overflow: hidden; }
.bars .bar { display: block; height: 100%; min-width: 2px; background: var(--other); }
.bars .none .bar { visibility: hidden; }
.bars .cut .bar { clip-path: polygon(0 0, 100% 0, calc(100% - 6px) 25%, 100% 50%,
  calc(100% - 6px) 75%, 100% 100%, 0 100%); }
.bars .ours { font-weight: 650; }
.bars .ours .bar { background: var(--ours); }
.bars .ahead .remark, .bars .slower .remark { color: var(--far); font-weight: 650; }
.bars .faster .remark { color: var(--near); font-weight: 650; }
.bars .run0 .bar { background: #3b6fb6; }
.bars .run1 .bar { background: #d9822b; }
.bars .run2 .bar { background: #2f9e8f; }
.bars .run3 .bar { background: #a45fb8; }
.bars .run4 .bar { background: #8a8f3c; }
.bars .run5 .bar { background: #c2557a; }
.cards.wide { grid-template-columns: repeat(auto-fill, minmax(min(28rem, 100%), 1fr)); }
.bars .near .bar { background: var(--near); }
.bars .middle .bar { background: var(--middle); }
.bars .far .bar { background: var(--far); }
.good { color: var(--near); }
.bad { color: var(--far); }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem; margin-top: 0.6rem;
  font-size: 0.82rem; color: var(--soft); }
.legend i { display: inline-block; width: 0.8rem; height: 0.8rem; margin-right: 0.35rem;
  border-radius: 2px; vertical-align: -0.05rem; }
.legend .near { background: var(--near); }
.legend .middle { background: var(--middle); }
.legend .far { background: var(--far); }

.roofline { display: block; width: 100%; height: auto; background: var(--panel);
  border: 1px solid var(--line); border-radius: 0.5rem; }
.roofline.narrow { display: none; }
@media (max-width: 40rem) {
  .roofline.narrow { display: block; }
  .roofline.wide { display: none; }
  .list .bars li { grid-template-columns: 8.6rem minmax(2rem, 1fr) 7.6rem; }
}
svg text { font-size: 11px; fill: var(--soft); }
svg .middle { text-anchor: middle; }
svg .end { text-anchor: end; }
svg .roof-name { fill: var(--ink); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .roof { stroke: var(--soft); stroke-width: 1.5; }
svg .peak { stroke: var(--ink); stroke-width: 2; }
svg .limit { stroke: var(--soft); stroke-width: 1; opacity: 0.75; }
svg .limit.mark { stroke-width: 2.5; opacity: 1; }
svg .limit.near { stroke: var(--near); }
svg .limit.middle { stroke: var(--middle); }
svg .limit.far { stroke: var(--far); }
svg .badge circle { stroke: var(--soft); }
svg .point { fill: var(--soft); }
svg .leader { stroke: var(--line); stroke-width: 1; }
svg .badge circle { fill: var(--panel); stroke-width: 1.5; }
svg .badge text { fill: var(--ink); }
svg .near circle, svg .point.near { stroke: var(--near); }
svg .middle circle, svg .point.middle { stroke: var(--middle); }
svg .far circle, svg .point.far { stroke: var(--far); }
svg .point.near { fill: var(--near); }
svg .point.middle { fill: var(--middle); }
svg .point.far { fill: var(--far); }

/* Not as wide as other cards: all four in a row, where there is room. */
.cards.growth { grid-template-columns: repeat(auto-fill, minmax(min(17.5rem, 100%), 1fr)); }
svg.growth { display: block; width: 100%; height: auto; }
svg .fit { stroke-width: 1.5; opacity: 0.7; }
svg .curve0 { fill: #3b6fb6; stroke: #3b6fb6; }
svg .curve1 { fill: #d9822b; stroke: #d9822b; }
svg .curve2 { fill: #2f9e8f; stroke: #2f9e8f; }
.legend .curve0 { background: #3b6fb6; }
.legend .curve1 { background: #d9822b; }
.legend .curve2 { background: #2f9e8f; }
table.growth { width: auto; margin-top: 0.75rem; }
table.growth th { white-space: normal; }
.hint.after { margin-top: 0.75rem; }
table.features { width: auto; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.82rem; width: 100%;
  font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom; }
tbody th { font-weight: 500; }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); }
td.words { text-align: left; white-space: normal; min-width: 12rem; }
)css";

}  // namespace headroom::tools
