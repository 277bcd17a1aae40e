package argocd

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// syncWindows is Argo CD's answer about an application's sync windows. Its field canSync concerns manual syncs.
type syncWindows struct {
	Active   []syncWindow `json:"activeWindows"`
	Assigned []syncWindow `json:"assignedWindows"`
}

type syncWindow struct {
	Kind     string `json:"kind"` // allow or deny
	Schedule string `json:"schedule"`
	Duration string `json:"duration"`
}

// blockingWindows are the windows that keep Argo CD from syncing by itself: active ones that deny it, else those that would allow
// it where none of them is active.
func (w syncWindows) blockingWindows() []syncWindow {
	allows := func(one syncWindow) bool { return one.Kind != "deny" }
	if denying := slices.DeleteFunc(slices.Clone(w.Active), allows); len(denying) > 0 {
		return denying
	}
	if slices.ContainsFunc(w.Active, allows) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(w.Assigned), func(one syncWindow) bool { return one.Kind == "deny" })
}

// remedyOf says when syncs go on.
func remedyOf(blocking []syncWindow) string {
	if blocking[0].Kind == "deny" {
		return "wait again after the window has ended"
	}
	return "wait again in the window"
}

func namesOf(blocking []syncWindow) string {
	names := make([]string, len(blocking))
	for i, one := range blocking {
		names[i] = fmt.Sprintf("%s %q for %s", one.Kind, one.Schedule, one.Duration)
	}
	return strings.Join(names, ", ")
}

// blockedBy returns the windows that keep an application from syncing; if they cannot be read, it returns none.
func (c *Client) blockedBy(ctx context.Context, t Target) []syncWindow {
	var answer syncWindows
	if err := c.getJSON(ctx, answerTimeout, "/api/v1/applications/"+url.PathEscape(t.Application)+"/syncwindows", t.projectQuery(),
		&answer); err != nil {
		return nil
	}
	return answer.blockingWindows()
}

// evaluateWindows looks for a reason why no operation begins. The application itself does not tell it.
func (w *waitRun) evaluateWindows(ctx context.Context, s appSituation) (evaluation, error) {
	now := w.client.clock.Now()
	if w.idle.IsZero() {
		w.idle = now
	}
	if now.Sub(w.idle) < settledAfter || now.Sub(w.windowed) < refreshEvery {
		return s.evaluation, nil
	}
	w.windowed = now
	blocking := w.client.blockedBy(ctx, w.target)
	if len(blocking) == 0 {
		return s.evaluation, ctx.Err()
	}
	s.ending = &finalState{kind: "window", after: atOnce, err: problem.New(problem.Failed,
		remedyOf(blocking)+"\nor sync by hand, where the window allows that: argocd app sync "+w.target.qualifiedName(),
		"it is OutOfSync at %s, and a sync window blocks it (%s)", commitid.ShortRevision(s.Revision), namesOf(blocking))}
	return s.evaluation, nil
}
