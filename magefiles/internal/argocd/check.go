package argocd

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Check proves that the token sees the application and that this is made from one of the commits' branches, with one
// request. Its error is what a Wait would end with at once; that ArgoCD does not answer now is a notice only.
func (c *Client) Check(ctx context.Context, t Target) (notice string, err error) {
	w := &waiter{client: c, target: t}
	app, err := c.application(ctx, t, false)
	if err == nil {
		_, err = t.match(app)
	} else {
		var f finding
		f, err = w.unanswered(ctx, err, false)
		notice = f.Text
	}
	if err != nil && ctx.Err() == nil {
		err = c.explain(t, err)
	}
	return notice, err
}

// Ask is Check for who wants to know now: that ArgoCD does not answer is an error, too.
func (c *Client) Ask(ctx context.Context, t Target) error {
	app, err := c.application(ctx, t, false)
	if err == nil {
		_, err = t.match(app)
	}
	var network *url.Error
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case errors.As(err, &network):
		if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); !untrusted && !errors.Is(err, http.ErrSchemeMismatch) {
			err = problem.New(problem.Failed, "check that it runs and can be reached from here, and "+serverRemedy, "asking %s: %w", c.base.Host, network.Err)
		}
	}
	return c.advise(t, err)
}
