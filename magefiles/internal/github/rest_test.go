package github

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestGetAsksForTheVeryPath: names of branches may hold what has a meaning in an address.
func TestGetAsksForTheVeryPath(t *testing.T) {
	asked := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path + "|" + r.URL.RawQuery
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	for _, api := range []string{server.URL, server.URL + "/api/v3", server.URL + "/api/v3/"} {
		client, err := New(Options{APIURL: api, Token: "token-of-the-test"})
		if err != nil {
			t.Fatal(err)
		}
		for _, branch := range []string{"main", "stabilize/1.0", "50%25-off", "100%", "a?b#c", "배포 1", "..", "x/../y"} {
			var into struct{}
			if err := client.Get(t.Context(), &into, "repos", "acme/shop", "rules", "branches", branch); err != nil {
				t.Errorf("%q: %v", branch, err)
				continue
			}
			if got, want := <-asked, strings.TrimPrefix(strings.TrimSuffix(api, "/"), server.URL)+"/repos/acme/shop/rules/branches/"+branch+"|"; got != want {
				t.Errorf("%s was asked for, want %s", got, want)
			}
		}
	}
}

// TestListEnds reads all pages, and no more of a server that always has another one.
func TestListEnds(t *testing.T) {
	for _, test := range []struct{ entries, want, requests int }{
		{0, 0, 1}, {1, 1, 1}, {99, 99, 1}, {100, 100, 2}, {250, 250, 3}, {pageSize * mostPages, -1, mostPages}, {1 << 20, -1, mostPages},
	} {
		requests := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			var size, page int
			if _, err := fmt.Sscanf(r.URL.RawQuery, "per_page=%d&page=%d", &size, &page); err != nil {
				t.Errorf("%q: %v", r.URL.RawQuery, err)
			}
			count := min(size, max(0, test.entries-(page-1)*size))
			_, _ = w.Write([]byte("[" + strings.TrimSuffix(strings.Repeat("7,", count), ",") + "]"))
		}))
		client, err := New(Options{APIURL: server.URL, Token: "token-of-the-test"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := List[int](t.Context(), client, "entries")
		if (err != nil) != (test.want < 0) || err == nil && len(got) != test.want || requests != test.requests {
			t.Errorf("of %d entries %d are read in %d requests, %v", test.entries, len(got), requests, err)
		}
		server.Close()
	}
}
