/** Entry of the page. */
import './ui/styles.ts';
import { mount } from './ui/mount.tsx';
import { keepOffline } from './ui/offline/updates.ts';
import { spawnClient } from './worker/client.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html: must have an element with the id "root"');
void mount(root, { createClient: spawnClient, hasWebGpu: navigator.gpu !== undefined });
addEventListener('load', () => void keepOffline(import.meta.env.BASE_URL));
