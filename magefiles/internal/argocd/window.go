package argocd

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// windows is what ArgoCD answers of an application's sync windows. Its canSync is about syncs by hand.
type windows struct {
	Active   []window `json:"activeWindows"`
	Assigned []window `json:"assignedWindows"`
}

type window struct {
	Kind     string `json:"kind"` // allow or deny
	Schedule string `json:"schedule"`
	Duration string `json:"duration"`
}

// blocking are the windows that keep ArgoCD from syncing by itself: active ones that deny it, else those that would allow
// it where none of them is active.
func (w windows) blocking() []window {
	allows := func(one window) bool { return one.Kind != "deny" }
	if denying := slices.DeleteFunc(slices.Clone(w.Active), allows); len(denying) > 0 {
		return denying
	}
	if slices.ContainsFunc(w.Active, allows) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(w.Assigned), func(one window) bool { return one.Kind == "deny" })
}

// remedyOf says when syncs go on.
func remedyOf(blocking []window) string {
	if blocking[0].Kind == "deny" {
		return "wait again after the window has ended"
	}
	return "wait again in the window"
}

func namesOf(blocking []window) string {
	names := make([]string, len(blocking))
	for i, one := range blocking {
		names[i] = fmt.Sprintf("%s %q for %s", one.Kind, one.Schedule, one.Duration)
	}
	return strings.Join(names, ", ")
}

// blockedBy asks for the windows that keep an application from syncing; that they cannot be told blocks nothing.
func (c *Client) blockedBy(ctx context.Context, t Target) []window {
	var answer windows
	if err := c.get(ctx, answerTimeout, "/api/v1/applications/"+url.PathEscape(t.Application)+"/syncwindows", t.query(), &answer); err != nil {
		return nil
	}
	return answer.blocking()
}

// windows looks for a reason why no operation begins. The application itself does not tell it.
func (w *waiter) windows(ctx context.Context, s situation) (finding, error) {
	now := w.client.clock.Now()
	if w.idle.IsZero() {
		w.idle = now
	}
	if now.Sub(w.idle) < settled || now.Sub(w.windowed) < refreshEvery {
		return s.finding, nil
	}
	w.windowed = now
	blocking := w.client.blockedBy(ctx, w.target)
	if len(blocking) == 0 {
		return s.finding, ctx.Err()
	}
	s.ending = &ending{kind: "window", after: atOnce, err: problem.New(problem.Failed,
		remedyOf(blocking)+"\nor sync by hand, where the window allows that: argocd app sync "+w.target.qualified(),
		"it is OutOfSync at %s, and a sync window blocks it (%s)", short(s.Revision), namesOf(blocking))}
	return s.finding, nil
}
