package github

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// route is one operation of the REST interface.
type route struct {
	pattern string // of net/http.ServeMux
	query   string // parameters that the handler heeds, separated by blanks; any other makes the request unknown
	docs    string // page below https://docs.github.com/
	needs   anyOf  // of the token on the repository that the path names; nil where it names none
	handle  func(*call) (reply, error)
}

// anyOf is a list of permissions of which one is enough.
type anyOf []permission

// String is the form of the header X-Accepted-GitHub-Permissions.
func (a anyOf) String() string {
	words := make([]string, 0, len(a))
	for _, p := range a {
		words = append(words, p.String())
	}
	return strings.Join(words, "; ")
}

// operations lists the REST interface. A new operation is a line here and a handler.
func operations() []route {
	user := []route{
		{"GET /user", "", "rest/users/users#get-the-authenticated-user", nil, getUser},
		{"GET /rate_limit", "", "rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user", nil, getRateLimit},
	}
	return slices.Concat(user, repositoryRoutes(), gitRoutes(), pullRoutes(), deploymentRoutes())
}

func repositoryRoutes() []route {
	metadata, contents := anyOf{{"metadata", Read}}, anyOf{{"contents", Read}}
	const r = "/repos/{owner}/{repo}"
	return []route{
		{"GET " + r, "", "rest/repos/repos#get-a-repository", metadata, getRepository},
		{"GET " + r + "/branches/{branch...}", "", "rest/branches/branches#get-a-branch", contents, getBranch},
		{"GET " + r + "/contents", "ref", "rest/repos/contents#get-repository-content", contents, getContents},
		{"GET " + r + "/contents/{path...}", "ref", "rest/repos/contents#get-repository-content", contents, getContents},
		{
			"PUT " + r + "/contents/{path...}", "", "rest/repos/contents#create-or-update-file-contents",
			anyOf{{"contents", Write}},
			putContents,
		},
		{"GET " + r + "/commits", "sha path since until per_page page", "rest/commits/commits#list-commits", contents, listCommits},
		{"GET " + r + "/commits/{ref...}", "per_page page", "rest/commits/commits#get-a-commit", contents, getCommit},
		{"GET " + r + "/compare/{basehead...}", "per_page page", "rest/commits/commits#compare-two-commits", contents, compare},
		{"GET " + r + "/tarball/{ref...}", "", "rest/repos/contents#download-a-repository-archive-tar", contents, getTarball},
		{"GET " + r + "/rules/branches/{branch...}", "per_page page", "rest/repos/rules#get-rules-for-a-branch", metadata, branchRules},
		{"GET " + r + "/rulesets/{ruleset}", "", "rest/repos/rules#get-a-repository-ruleset", metadata, getRuleset},
		{"POST " + r + "/statuses/{sha}", "", "rest/commits/statuses#create-a-commit-status", anyOf{{"statuses", Write}}, createStatus},
	}
}

func gitRoutes() []route {
	read, write := anyOf{{"contents", Read}}, anyOf{{"contents", Write}}
	const g = "/repos/{owner}/{repo}/git"
	return []route{
		{"GET " + g + "/ref/{ref...}", "", "rest/git/refs#get-a-reference", read, getRef},
		{"GET " + g + "/matching-refs/{ref...}", "per_page page", "rest/git/refs#list-matching-references", read, matchingRefs},
		{"POST " + g + "/refs", "", "rest/git/refs#create-a-reference", write, createRef},
		{"PATCH " + g + "/refs/{ref...}", "", "rest/git/refs#update-a-reference", write, updateRef},
		{"DELETE " + g + "/refs/{ref...}", "", "rest/git/refs#delete-a-reference", write, deleteRef},
		{"GET " + g + "/commits/{sha}", "", "rest/git/commits#get-a-commit-object", read, getGitCommit},
		{"POST " + g + "/commits", "", "rest/git/commits#create-a-commit", write, createGitCommit},
		{"GET " + g + "/trees/{sha...}", "recursive", "rest/git/trees#get-a-tree", read, getTree},
		{"POST " + g + "/trees", "", "rest/git/trees#create-a-tree", write, createTree},
		{"GET " + g + "/blobs/{sha}", "", "rest/git/blobs#get-a-blob", read, getBlob},
		{"POST " + g + "/blobs", "", "rest/git/blobs#create-a-blob", write, createBlob},
	}
}

func pullRoutes() []route {
	read, write := anyOf{{"pull_requests", Read}}, anyOf{{"pull_requests", Write}}
	label := anyOf{{"issues", Write}, {"pull_requests", Write}}
	const p = "/repos/{owner}/{repo}/pulls"
	const list = "state head base sort direction per_page page"
	return []route{
		{"GET " + p, list, "rest/pulls/pulls#list-pull-requests", read, listPulls},
		{"POST " + p, "", "rest/pulls/pulls#create-a-pull-request", write, createPull},
		{"GET " + p + "/{number}", "", "rest/pulls/pulls#get-a-pull-request", read, getPull},
		{"PATCH " + p + "/{number}", "", "rest/pulls/pulls#update-a-pull-request", write, updatePull},
		{"GET " + p + "/{number}/files", "per_page page", "rest/pulls/pulls#list-pull-requests-files", read, listPullFiles},
		{"GET " + p + "/{number}/reviews", "per_page page", "rest/pulls/reviews#list-reviews-for-a-pull-request", read, listReviews},
		{"GET " + p + "/{number}/merge", "", "rest/pulls/pulls#check-if-a-pull-request-has-been-merged", read, isMerged},
		{"PUT " + p + "/{number}/merge", "", "rest/pulls/pulls#merge-a-pull-request", anyOf{{"contents", Write}}, mergePull},
		{
			"POST " + p + "/{number}/requested_reviewers", "", "rest/pulls/review-requests#request-reviewers-for-a-pull-request",
			write, requestReviewers,
		},
		{"POST /repos/{owner}/{repo}/issues/{number}/labels", "", "rest/issues/labels#add-labels-to-an-issue", label, addLabels},
	}
}

func deploymentRoutes() []route {
	read, write := anyOf{{"deployments", Read}}, anyOf{{"deployments", Write}}
	const d, rel = "/repos/{owner}/{repo}/deployments", "/repos/{owner}/{repo}/releases"
	return []route{
		{
			"GET " + rel + "/tags/{tag...}", "", "rest/releases/releases#get-a-release-by-tag-name",
			anyOf{{"contents", Read}},
			getReleaseByTag,
		},
		{"POST " + rel, "", "rest/releases/releases#create-a-release", anyOf{{"contents", Write}}, createRelease},
		{"GET " + d, "sha ref task environment per_page page", "rest/deployments/deployments#list-deployments", read, listDeployments},
		{"POST " + d, "", "rest/deployments/deployments#create-a-deployment", write, createDeployment},
		{
			"GET " + d + "/{id}/statuses", "per_page page", "rest/deployments/statuses#list-deployment-statuses", read,
			listDeploymentStatuses,
		},
		{"POST " + d + "/{id}/statuses", "", "rest/deployments/statuses#create-a-deployment-status", write, createDeploymentStatus},
	}
}

// newRoutes builds the router. Its handlers only mark the call; the answer is made by rest.
func newRoutes() (*http.ServeMux, error) {
	mux := http.NewServeMux()
	for _, r := range operations() {
		if r.handle == nil {
			return nil, fmt.Errorf("building routes: %q has no handler", r.pattern)
		}
		mux.Handle(r.pattern, &r)
	}
	return mux, nil
}

// mark carries the call through the router, which fills in the parts of the path.
type mark struct {
	http.ResponseWriter
	call *call
}

// ServeHTTP is the router's way to say that a route matches.
func (r *route) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if m, ok := w.(*mark); ok {
		m.call.route, m.call.request = r, request
	}
}

// matchRoute finds the route of a REST request and names it for the log. The router answers requests that it does not know
// by itself; they leave no mark. A parameter that a handler would ignore makes a request unknown: an ignored filter is
// an answer to another question.
func matchRoute(s *Server, c *call) string {
	handler, _ := s.routes.Handler(c.request)
	r, ok := handler.(*route)
	if !ok {
		return unknownOperation
	}
	heeded := strings.Fields(r.query)
	for name := range c.request.URL.Query() {
		if !slices.Contains(heeded, name) {
			return unknownOperation
		}
	}
	s.routes.ServeHTTP(&mark{call: c}, c.request)
	return strings.ReplaceAll(r.pattern, "...}", "}")
}

// answerREST answers a REST request: it checks what the token may do and calls the handler.
func answerREST(s *Server, c *call) (reply, error) {
	if c.route.needs == nil {
		if c.token == "" {
			return reply{}, refuse(http.StatusUnauthorized, c.docs(), "Requires authentication")
		}
		return c.route.handle(c)
	}
	name := c.param("owner") + "/" + c.param("repo")
	repo, exists := s.find(name)
	granted, visible := s.access.on(c.token, name)
	if !exists || !visible {
		return reply{}, notFound(c.docs())
	}
	if !slices.ContainsFunc(c.route.needs, granted.allow) {
		return reply{}, forbidden(c.docs(), c.route.needs)
	}
	c.repo = repo
	return c.route.handle(c)
}
