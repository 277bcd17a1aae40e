package github

import (
	"net/url"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	httptransport "github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// apiEndpoint holds the addresses of GitHub's two APIs. GitHub Enterprise Server serves REST below /api/v3 and GraphQL at /api/graphql;
// everywhere else GraphQL is at /graphql of the REST host
// (https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql).
type apiEndpoint struct {
	rest    *url.URL // without a final slash
	graphql string
}

func parseEndpoint(api string) (apiEndpoint, error) {
	const remedy = "set GITHUB_API_URL to the REST API's root, for example https://api.github.com or https://github.example.com/api/v3"
	u, err := url.Parse(strings.TrimRight(api, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return apiEndpoint{}, problem.New(problem.Usage, remedy, "reading the API's address: not the URL of an API root")
	}
	if u.Scheme != "https" && u.Scheme != "http" || !httptransport.IsPrivate(u) {
		return apiEndpoint{}, problem.New(problem.Usage, remedy,
			"refusing %q: a token may only travel over https (http is accepted on loopback)", u.Redacted())
	}
	graph := *u
	graph.Path = strings.TrimSuffix(u.Path, "/v3") + "/graphql"
	return apiEndpoint{rest: u, graphql: graph.String()}, nil
}

// contents is the address of one file at one commit. Slashes of the path stay, everything else is escaped.
func (e apiEndpoint) contents(repository, path string, commit commitid.ID) string {
	return e.rest.JoinPath("repos", repository, "contents").String() + "/" + escapePath(path) +
		"?ref=" + url.QueryEscape(string(commit))
}

func escapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}
