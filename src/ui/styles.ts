/** Styles of the page as it first shows, in their order; what opens later brings its own. */
import '@mantine/core/styles.css';
import './theme.css';
import './shell.css';
import './panel.css';
import './session/session.css';
import './charts/charts.css';
import './charts/phase.css';
import './charts/plot.css';
import './responses/responses.css';
import './responses/mixture.css';
import './gains/gains.css';
import './runs/runs.css';
