package argocd

import (
	"net/url"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Target is the expected state of an application: its sources' commits and its images.
type Target struct {
	Application string
	Project     string // empty: not named to Argo CD
	Namespace   string // of the application; empty: Argo CD's own
	Commits     []Commit
	Mirrors     map[string]string // under what names the cluster pulls, as config.Environment has them
}

// Commit is one of the deployment repositories' commits. At least one must be of a repository that the application is
// made from; those of others are not the application's.
type Commit struct {
	Repository string // owner/name
	Branch     string
	SHA        commitid.ID          // empty: nothing is awaited of it, because it waits in a pull request itself
	Images     []imageref.Reference // of its values, all of which are to be live
}

// watchedCommit is a commit with the place among the application's sources that is to hold it.
type watchedCommit struct {
	Commit
	index int
}

// qualifiedName is the application's name as policies have it: with its namespace, where that is not Argo CD's own.
func (t Target) qualifiedName() string {
	if t.Namespace == "" {
		return t.Application
	}
	return t.Namespace + "/" + t.Application
}

// matchSources finds which of the application's sources are to hold which commit.
func (t Target) matchSources(app *appState) ([]watchedCommit, error) {
	var found []watchedCommit
	var others []string
	for i, s := range app.allSources() {
		at := slices.IndexFunc(t.Commits, s.tracksBranch)
		if at >= 0 {
			found = append(found, watchedCommit{t.Commits[at], i})
			continue
		}
		others = append(others, s.String())
	}
	if len(found) > 0 {
		return found, nil
	}
	ours := make([]string, len(t.Commits))
	for i, c := range t.Commits {
		ours[i] = c.Repository + ", branch " + c.Branch
	}
	if app.Spec.Hydrator != nil {
		return nil, problem.New(problem.Usage, "leave `argocd` out of the environment, or say -noWait",
			"Argo CD's source hydrator makes its manifests, whose commits are not followed here")
	}
	if len(others) == 0 {
		others = []string{"no git repository"}
	}
	return nil, problem.New(problem.Usage, "correct `argocd.application`, or `deploy.repository` and `deploy.branch`, in astrago.yaml",
		"it is made from %s, and the commit is in %s", strings.Join(others, " and "), strings.Join(ours, " and "))
}

// withRevision leaves out the commits of which nothing is awaited.
func withRevision(places []watchedCommit) []watchedCommit {
	return slices.DeleteFunc(slices.Clone(places), func(w watchedCommit) bool { return w.SHA == "" })
}

// expectedImages returns those of several commits, each once.
func expectedImages(places []watchedCommit) []imageref.Reference {
	var all []imageref.Reference
	for _, w := range places {
		for _, image := range w.Images {
			if !slices.Contains(all, image) {
				all = append(all, image)
			}
		}
	}
	return all
}

// tracksBranch reports whether a source reads the commit's branch. HEAD is whatever the repository's own branch is.
func (s appSource) tracksBranch(c Commit) bool {
	revision := strings.TrimPrefix(s.TargetRevision, "refs/heads/")
	return strings.EqualFold(s.repositoryPath(), c.Repository) && (revision == c.Branch || revision == "" || revision == "HEAD")
}

func (s appSource) String() string {
	revision := s.TargetRevision
	if revision == "" {
		revision = "HEAD"
	}
	return s.repositoryPath() + ", revision " + revision
}

// repositoryPath is the last two parts of the address, without the host: Argo CD may reach GitHub by another name, over ssh
// (git@host:owner/name.git), or through a mirror.
func (s appSource) repositoryPath() string {
	path := strings.TrimSuffix(strings.TrimSuffix(s.RepoURL, "/"), ".git")
	if u, err := url.Parse(path); err == nil && u.Host != "" {
		path = u.Path
	} else if _, after, ok := strings.Cut(path, ":"); ok {
		path = after
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}
