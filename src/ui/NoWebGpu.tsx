/** Instead of the page where the browser has no WebGPU: what is missing, where it is there, what to do. */
export function NoWebGpu({ isSecure }: { isSecure: boolean }) {
  return (
    <main className="page-message">
      <h1>
        Entroscope trains a model on your graphics card, and this browser gives no access to it.
      </h1>
      <p>
        What is missing is <b>WebGPU</b> (<code>navigator.gpu</code>). Everything here is computed
        in the tab, so there is nothing to show without it.
      </p>
      {!isSecure && (
        <p>
          <b>This address is not secure.</b> Browsers offer WebGPU only on https addresses and on
          localhost. Open the page there first.
        </p>
      )}
      <section>
        <h2 className="section-title">Browsers that have it</h2>
        <ul>
          <li>Chrome and Edge 113 or newer on Windows, macOS and ChromeOS; on Android from 121</li>
          <li>Safari 26 or newer on macOS, iOS and iPadOS</li>
          <li>Firefox 141 or newer on Windows; on other systems Firefox Nightly</li>
        </ul>
      </section>
      <section>
        <h2 className="section-title">When yours is one of them</h2>
        <ul>
          <li>Update it, and restart it.</li>
          <li>In its settings, under System, turn hardware acceleration on.</li>
          <li>
            On Linux, Chrome needs a working Vulkan driver; <code>chrome://gpu</code> says what it
            found, and <code>chrome://flags/#enable-unsafe-webgpu</code> lets it try.
          </li>
          <li>A computer that others manage may have WebGPU turned off; ask who manages it.</li>
        </ul>
      </section>
      <p className="quiet">
        Without a browser the same experiments run by <code>npm run train</code>; their curves open
        on this page on any machine that has WebGPU.
      </p>
    </main>
  );
}
