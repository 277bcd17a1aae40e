package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// paged answers with one page of a list and the Link header that leads to the others:
// https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api.
func paged[T any](c *github.Call, all []T, render func(T) (object, error)) (*github.Response, error) {
	size, page := 30, 1
	if n, err := strconv.Atoi(c.Query("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(c.Query("page")); err == nil && n > 0 {
		page = n
	}
	from := min((page-1)*size, len(all))
	items := make([]object, 0, size)
	for _, item := range all[from:min(from+size, len(all))] {
		rendered, err := render(item)
		if err != nil {
			return nil, err
		}
		items = append(items, rendered)
	}
	r, err := github.Respond(http.StatusOK, items)
	if link := pageLinks(c, page, (len(all)+size-1)/size); err == nil && link != "" {
		r.Header["Link"] = link
	}
	return r, err
}

// pageLinks is the Link header of a page, empty where there is one page only.
func pageLinks(c *github.Call, page, last int) string {
	var links []string
	to := func(number int, relation string) {
		target := url.URL{Path: c.Request.URL.Path}
		query := c.Request.URL.Query()
		query.Set("page", strconv.Itoa(number))
		target.RawQuery = query.Encode()
		links = append(links, fmt.Sprintf("<%s%s>; rel=%q", c.Server.URL(), target.String(), relation))
	}
	if page > 1 {
		to(page-1, "prev")
	}
	if page < last {
		to(page+1, "next")
		to(last, "last")
	}
	if page > 1 {
		to(1, "first")
	}
	return strings.Join(links, ", ")
}

// object is a JSON object in the making.
type object = map[string]any
