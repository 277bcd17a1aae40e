package targets_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// withdrawals are what an owner does to an App while a process works, with what that says then.
var withdrawals = map[string]struct {
	says []string // one of these
	do   func(d *apps.Directory, app int64)
}{
	suspension: {[]string{"its installation is suspended"}, func(d *apps.Directory, app int64) {
		d.Change(app, example.Owner, func(in *apps.Installation) { in.Suspended = true })
	}},
	withdrawal: {[]string{"lacks a permission"}, func(d *apps.Directory, app int64) {
		d.Change(app, example.Owner, func(in *apps.Installation) {
			in.Permissions = map[string]string{"metadata": "read", "contents": "read"}
		})
	}},
	uninstallation: {[]string{"it is not installed on the repository", "its installation is gone"}, func(d *apps.Directory, app int64) {
		d.Uninstall(app, example.Owner)
	}},
}

// byApp tells which operations deploy as a GitHub App: a half, and those that have a trouble of Apps.
func byApp(o *operation) bool {
	return o.number%2 == 0 || slices.ContainsFunc(o.troubles, func(t trouble) bool { return slices.Contains(ofApps, t.kind) })
}

// identify gives the nth process of an operation what it deploys with: a token of its own, or an App of its own, since GitHub's double
// has only these to tell whose request it answers.
func (a *attempt) identify(n int) {
	if !byApp(a.op) {
		a.identity = fmt.Sprintf("%s-%d-%d", a.deployToken, a.op.number, n)
		a.github.Grant(a.identity, example.Deployment, github.Permissions{Contents: github.Write})
		a.credentials = []string{"DEPLOY_TOKEN=" + a.identity}
		return
	}
	a.identity = fmt.Sprintf("deployer-%d-%d", a.op.number, n)
	a.app = githubtest.RegisterAppAs(a.t, a.github, int64(1000*(a.op.number+1)+n), a.identity)
	a.github.Apps().Install(a.app.ID, example.Deployment, everything)
	a.credentials = []string{"DEPLOY_TOKEN=", "DEPLOY_APP_ID=" + a.app.Number(), "DEPLOY_APP_KEY=" + a.app.Key}
}

// owner finds the process that has sent a request, by its token, or by the App that has signed it or that the token is of.
func (s *stream) owner(token string) *attempt {
	identity := token
	if slug := s.github.Apps().Slug(token); slug != "" {
		identity = slug
	} else if app, err := s.github.Apps().Verify(token); err == nil {
		identity = app.Slug
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[identity]
}

// endTokens ends those of the process's App.
func (a *attempt) endTokens() {
	a.github.Apps().End(func(t apps.Token) bool { return t.Slug() == a.identity })
}

// withdraw takes from the App what the process needs; the next one has an App that has it.
func (a *attempt) withdraw() {
	a.mu.Lock()
	a.barred = true
	a.mu.Unlock()
	withdrawals[a.trouble.kind].do(a.github.Apps(), a.app.ID)
}

// endsBarred reports whether a process has failed because something was withdrawn, and says so.
func (a *attempt) endsBarred() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.barred && a.code == 1 && slices.ContainsFunc(withdrawals[a.trouble.kind].says, func(words string) bool {
		return strings.Contains(a.stderr.String(), words)
	})
}

// ofApp are the beginnings of what an App sends, and a line of its key: none of it may show.
func ofApp(key string) []string {
	return []string{"ghs_", "eyJhbGciOiJSUzI1NiI", strings.Split(key, "\n")[1]}
}
