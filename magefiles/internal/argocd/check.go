package argocd

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Check proves that the token sees the application and that this is made from one of the commits' branches, with one request. It returns
// the error that would end a Wait at once; an Argo CD that does not answer now yields only a notice.
func (c *Client) Check(ctx context.Context, t Target) (notice string, err error) {
	w := &waitRun{client: c, target: t}
	app, err := c.fetchApp(ctx, t, false)
	if err == nil {
		err = c.canSync(ctx, t, app)
	} else {
		var f evaluation
		f, err = w.retryFailedRequest(ctx, err, false)
		notice = f.Text
	}
	if err != nil && ctx.Err() == nil {
		err = c.explainError(t, err)
	}
	return notice, err
}

// Ask is Check for a caller that needs an answer now: an Argo CD that does not answer is an error, too.
func (c *Client) Ask(ctx context.Context, t Target) error {
	app, err := c.fetchApp(ctx, t, false)
	if err == nil {
		err = c.canSync(ctx, t, app)
	}
	var network *url.Error
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case errors.As(err, &network):
		if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); !untrusted && !errors.Is(err, http.ErrSchemeMismatch) {
			err = problem.New(problem.Failed, "check that it runs and can be reached from here, and "+serverRemedy,
				"asking %s%s: %w", c.base.Host, c.insecureHint(err), network.Err)
		}
	}
	return c.remedyFor(t, err)
}

// canSync refuses an application that does not sync by itself: a release to it would be built, committed, and then wait in vain. Argo CD's
// errors about manifests are requested again, since they may be older than a correction.
func (c *Client) canSync(ctx context.Context, t Target, app *appState) error {
	if _, err := t.matchSources(app); err != nil {
		return err
	}
	if app.Metadata.Deleted != "" {
		return cannotSync("create it again, or correct `argocd.application` in astrago.yaml", "Argo CD has been deleting it since %s",
			app.Metadata.Deleted)
	}
	if !app.hasAutoSync() {
		return cannotSync("turn on syncPolicy.automated, or sync by hand and say -noWait", "automated sync is off")
	}
	if blocking := c.blockedBy(ctx, t); len(blocking) > 0 {
		return cannotSync(strings.Replace(remedyOf(blocking), "wait again", "release", 1)+", or say -noWait",
			"a sync window blocks it (%s)", namesOf(blocking))
	}
	for _, kind := range []string{"InvalidSpecError", "ComparisonError"} {
		if _, found := app.conditionMessage(kind); !found || kind == "ComparisonError" && app.Status.Sync.Status != "Unknown" {
			continue
		}
		fresh, err := c.fetchApp(ctx, t, true)
		if err != nil {
			return nil //nolint:nilerr // what it says now is not known
		}
		if message, found := fresh.conditionMessage(kind); found && !isAnySign(message, outageSigns) {
			return cannotSync("correct that in Argo CD or the deployment repository, or say -noWait", "%s: %s", kind, message)
		}
	}
	return nil
}

func cannotSync(remedy, format string, args ...any) error {
	return problem.New(problem.Refused, remedy, "it would not sync the commit: "+format, args...)
}
