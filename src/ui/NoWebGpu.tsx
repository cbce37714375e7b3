/** Instead of the page where the browser has no WebGPU: what is missing, where it is there, what to do. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { messageOf } from './declared.ts';

interface Props {
  isSecure: boolean;
  /** Opens the recorded run that ships with the page. */
  onRecording: () => Promise<void>;
}

export function NoWebGpu({ isSecure, onRecording }: Props) {
  const [problem, setProblem] = useState<string>();
  const [isLoading, setLoading] = useState(false);
  async function open() {
    setLoading(true);
    try {
      await onRecording();
    } catch (error) {
      setProblem(messageOf(error));
      setLoading(false);
    }
  }
  return (
    <main className="page-message">
      <h1>
        Entroscope trains a model on your graphics card, and this browser gives no access to it.
      </h1>
      <p>
        What is missing is <b>WebGPU</b> (<code>navigator.gpu</code>). Everything here is computed
        in the tab, so nothing can be trained without it.
      </p>
      <div>
        <Button loading={isLoading} onClick={open}>
          Look at a recorded run
        </Button>
        <p className="quiet small" style={{ marginTop: 6 }}>
          The default experiment, measured with this engine on another machine, on the same page.
        </p>
        {problem && (
          <p className="param-error" role="alert">
            The recording could not be opened: {problem}
          </p>
        )}
      </div>
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
        on this page, too.
      </p>
    </main>
  );
}
