/* <figure data-chart="id of the data" data-library="address">: a button draws the same year with the chart library, which
   is fetched from this server when it is asked for. What the server drew stays above it, and the table below. */
{
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const library = (address) =>
    window.echarts
      ? Promise.resolve(window.echarts)
      : new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = address;
          script.onload = () => resolve(window.echarts);
          script.onerror = reject;
          document.head.append(script);
        });

  const options = (data) => {
    const text = { color: colour("--ink-2"), fontFamily: "inherit" };
    const line = { lineStyle: { color: colour("--rule") } };
    return {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      aria: { enabled: true, decal: { show: true } },
      textStyle: text,
      color: [colour("--accent"), colour("--light-watch"), colour("--light-done")],
      grid: { left: 8, right: 16, top: 40, bottom: 56, containLabel: true },
      legend: { top: 0, textStyle: text },
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (value) => `${value ?? "—"} ${data.unit}` },
      dataZoom: [{ type: "slider", height: 18, bottom: 12 }],
      xAxis: { type: "time", min: data.first, max: data.last, axisLabel: text, axisLine: line },
      yAxis: { type: "value", name: data.unit, axisLabel: text, splitLine: line },
      series: [
        { name: data.words.readings, type: "line", symbolSize: 9, data: data.readings },
        ...data.targets.map((points, place) => ({
          name: data.words.targets[place],
          type: "line",
          step: "end",
          symbol: "none",
          lineStyle: { type: "dashed" },
          connectNulls: false,
          data: points,
        })),
      ],
    };
  };

  const walk = (chart, box, n) => {
    let place = -1;
    box.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!move || !n) return;
      event.preventDefault();
      place = Math.min(Math.max(place + move, 0), n - 1);
      chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: place });
    });
  };

  for (const figure of document.querySelectorAll("[data-chart]")) {
    const open = figure.querySelector("[data-open]");
    const save = figure.querySelector("[data-save]");
    const box = figure.querySelector("[data-box]");
    open.hidden = false;
    open.addEventListener("click", async () => {
      open.disabled = true;
      const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
      const echarts = await library(figure.dataset.library);
      box.hidden = false;
      const chart = echarts.init(box, null, { renderer: "svg", locale: document.documentElement.lang.startsWith("zh") ? "ZH" : "EN" });
      chart.setOption(options(data));
      walk(chart, box, data.readings.length);
      new ResizeObserver(() => chart.resize()).observe(box);
      save.hidden = false;
      save.addEventListener("click", () => {
        const link = document.createElement("a");
        link.href = chart.getDataURL({ type: "svg" });
        link.download = `${data.name}.svg`;
        link.click();
      });
      open.hidden = true;
      box.focus();
    });
  }
}
