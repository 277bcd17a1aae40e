// Package rest answers the REST interface of package github, operation by operation.
package rest

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// route is a line of the table: what a Route has, in its order.
type route struct {
	pattern, query, docs string
	needs                github.AnyOf
	handle               func(*github.Call) (*github.Response, error)
}

// Routes lists the REST interface. A new operation is a line here and a handler.
func Routes() []github.Route {
	account := []route{
		{"GET /rate_limit", "", "rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user", nil, getRateLimit},
	}
	var routes []github.Route
	for _, r := range slices.Concat(account, repositoryRoutes(), gitRoutes(), pullRoutes(), deploymentRoutes(), releaseRoutes()) {
		routes = append(routes, github.Route{Pattern: r.pattern, Query: r.query, Docs: r.docs, Needs: r.needs, Handle: r.handle})
	}
	return append(routes, appRoutes()...)
}

func appRoutes() []github.Route {
	return []github.Route{
		{
			Pattern: "GET /repos/{owner}/{repo}/installation",
			Docs:    "rest/apps/apps#get-a-repository-installation-for-the-authenticated-app",
			Signed:  true, Handle: getInstallation,
		},
		{
			Pattern: "POST /app/installations/{id}/access_tokens",
			Docs:    "rest/apps/apps#create-an-installation-access-token-for-an-app",
			Signed:  true, Handle: createInstallationToken,
		},
	}
}

func repositoryRoutes() []route {
	metadata, contents := github.Needs("metadata", github.Read), github.Needs("contents", github.Read)
	statuses := github.Needs("statuses", github.Write)
	const r = "/repos/{owner}/{repo}"
	return []route{
		{"GET " + r, "", "rest/repos/repos#get-a-repository", metadata, getRepository},
		{"GET " + r + "/contents", "ref", "rest/repos/contents#get-repository-content", contents, getContents},
		{"GET " + r + "/contents/{path...}", "ref", "rest/repos/contents#get-repository-content", contents, getContents},
		{
			"PUT " + r + "/contents/{path...}", "", "rest/repos/contents#create-or-update-file-contents",
			github.Needs("contents", github.Write),
			putContents,
		},
		{"GET " + r + "/commits", "sha path since until per_page page", "rest/commits/commits#list-commits", contents, listCommits},
		{"GET " + r + "/commits/{ref...}", "per_page page", "rest/commits/commits#get-a-commit", contents, getCommit},
		{"GET " + r + "/compare/{basehead...}", "per_page page", "rest/commits/commits#compare-two-commits", contents, compare},
		{"GET " + r + "/tarball/{ref...}", "", "rest/repos/contents#download-a-repository-archive-tar", contents, getTarball},
		{"GET " + r + "/rules/branches/{branch...}", "per_page page", "rest/repos/rules#get-rules-for-a-branch", metadata, branchRules},
		{"GET " + r + "/rulesets/{ruleset}", "", "rest/repos/rules#get-a-repository-ruleset", metadata, getRuleset},
		{"POST " + r + "/statuses/{sha}", "", "rest/commits/statuses#create-a-commit-status", statuses, createStatus},
	}
}

func gitRoutes() []route {
	read, write := github.Needs("contents", github.Read), github.Needs("contents", github.Write)
	const g = "/repos/{owner}/{repo}/git"
	return []route{
		{"GET " + g + "/ref/{ref...}", "", "rest/git/refs#get-a-reference", read, getRef},
		{"POST " + g + "/refs", "", "rest/git/refs#create-a-reference", write, createRef},
		{"PATCH " + g + "/refs/{ref...}", "", "rest/git/refs#update-a-reference", write, updateRef},
		{"GET " + g + "/commits/{sha}", "", "rest/git/commits#get-a-commit-object", read, getGitCommit},
		{"POST " + g + "/commits", "", "rest/git/commits#create-a-commit", write, createGitCommit},
		{"GET " + g + "/trees/{sha...}", "recursive", "rest/git/trees#get-a-tree", read, getTree},
		{"POST " + g + "/trees", "", "rest/git/trees#create-a-tree", write, createTree},
		{"GET " + g + "/blobs/{sha}", "", "rest/git/blobs#get-a-blob", read, getBlob},
		{"POST " + g + "/blobs", "", "rest/git/blobs#create-a-blob", write, createBlob},
	}
}

func pullRoutes() []route {
	read, write := github.Needs("pull_requests", github.Read), github.Needs("pull_requests", github.Write)
	label := append(github.Needs("issues", github.Write), github.Needs("pull_requests", github.Write)...)
	const p = "/repos/{owner}/{repo}/pulls"
	const list = "state head base sort direction per_page page"
	return []route{
		{"GET " + p, list, "rest/pulls/pulls#list-pull-requests", read, listPulls},
		{"POST " + p, "", "rest/pulls/pulls#create-a-pull-request", write, createPull},
		{"GET " + p + "/{number}", "", "rest/pulls/pulls#get-a-pull-request", read, getPull},
		{"PATCH " + p + "/{number}", "", "rest/pulls/pulls#update-a-pull-request", write, updatePull},
		{"GET " + p + "/{number}/reviews", "per_page page", "rest/pulls/reviews#list-reviews-for-a-pull-request", read, listReviews},
		{"PUT " + p + "/{number}/merge", "", "rest/pulls/pulls#merge-a-pull-request", github.Needs("contents", github.Write), mergePull},
		{
			"POST " + p + "/{number}/requested_reviewers", "", "rest/pulls/review-requests#request-reviewers-for-a-pull-request",
			write, requestReviewers,
		},
		{"POST /repos/{owner}/{repo}/issues/{number}/labels", "", "rest/issues/labels#add-labels-to-an-issue", label, addLabels},
	}
}

func deploymentRoutes() []route {
	read, write := github.Needs("deployments", github.Read), github.Needs("deployments", github.Write)
	const d = "/repos/{owner}/{repo}/deployments"
	return []route{
		{"GET " + d, "sha ref task environment per_page page", "rest/deployments/deployments#list-deployments", read, listDeployments},
		{"POST " + d, "", "rest/deployments/deployments#create-a-deployment", write, createDeployment},
		{
			"GET " + d + "/{id}/statuses", "per_page page", "rest/deployments/statuses#list-deployment-statuses", read,
			listDeploymentStatuses,
		},
		{"POST " + d + "/{id}/statuses", "", "rest/deployments/statuses#create-a-deployment-status", write, createDeploymentStatus},
	}
}

func releaseRoutes() []route {
	read, write := github.Needs("contents", github.Read), github.Needs("contents", github.Write)
	const r = "/repos/{owner}/{repo}/releases"
	return []route{
		{"GET " + r, "per_page page", "rest/releases/releases#list-releases", read, listReleases},
		{"GET " + r + "/tags/{tag...}", "", "rest/releases/releases#get-a-release-by-tag-name", read, getReleaseByTag},
		{"POST " + r, "", "rest/releases/releases#create-a-release", write, createRelease},
		{"PATCH " + r + "/{id}", "", "rest/releases/releases#update-a-release", write, updateRelease},
		{"DELETE " + r + "/assets/{id}", "", "rest/releases/assets#delete-a-release-asset", write, deleteAsset},
		{"POST /uploads" + r + "/{id}/assets", "name", "rest/releases/assets#upload-a-release-asset", write, uploadAsset},
	}
}
