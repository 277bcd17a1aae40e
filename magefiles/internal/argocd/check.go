package argocd

import "context"

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
