package github

import "testing"

func TestEndpoint(t *testing.T) {
	for api, want := range map[string][2]string{
		"https://api.github.com":        {"https://api.github.com/graphql", "https://api.github.com/repos/a/b/contents/x/%ED%95%9C%20%23%3F%25.yaml?ref=0123"},
		"https://api.acme.ghe.com/":     {"https://api.acme.ghe.com/graphql", "https://api.acme.ghe.com/repos/a/b/contents/x/%ED%95%9C%20%23%3F%25.yaml?ref=0123"},
		"https://github.acme.kr/api/v3": {"https://github.acme.kr/api/graphql", "https://github.acme.kr/api/v3/repos/a/b/contents/x/%ED%95%9C%20%23%3F%25.yaml?ref=0123"},
		"http://127.0.0.1:8080/api/v3/": {"http://127.0.0.1:8080/api/graphql", "http://127.0.0.1:8080/api/v3/repos/a/b/contents/x/%ED%95%9C%20%23%3F%25.yaml?ref=0123"},
		"http://[::1]:8080":             {"http://[::1]:8080/graphql", "http://[::1]:8080/repos/a/b/contents/x/%ED%95%9C%20%23%3F%25.yaml?ref=0123"},
		"http://localhost:8080":         {"http://localhost:8080/graphql", "http://localhost:8080/repos/a/b/contents/x/%ED%95%9C%20%23%3F%25.yaml?ref=0123"},
	} {
		e, err := parseEndpoint(api)
		if err != nil {
			t.Errorf("%q: %v", api, err)
			continue
		}
		if e.graphql != want[0] {
			t.Errorf("GraphQL of %q is %q, want %q", api, e.graphql, want[0])
		}
		if got := e.contents("a/b", "x/한 #?%.yaml", "0123"); got != want[1] {
			t.Errorf("contents of %q are at %q, want %q", api, got, want[1])
		}
	}
}
