package github

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// downloadPath begins the paths of what GitHub serves at codeload.github.com. Here it is the same server under another
// name, so that a client's token must not follow.
const downloadPath = "/codeload/"

// downloadOperation names it in the log.
const downloadOperation = "GET codeload"

// download is the archive that a ticket gives access to.
type download struct {
	repo   *Repository
	commit string
}

// Offer returns the address of the archive of a commit, with a token of its own.
func (c *Call) Offer(commit string) string {
	ticket := rand.Text()
	c.Server.downloads.Store(ticket, download{c.Repository, commit})
	address := strings.Replace(c.Server.URL(), "127.0.0.1", "localhost", 1) + downloadPath + c.Repository.Path()
	return address + "/legacy.tar.gz/" + commit + "?token=" + ticket
}

func isDownload(c *Call) bool { return strings.HasPrefix(c.Request.URL.Path, downloadPath) }

// serveDownload returns the archive to any request with the ticket, without other authentication.
func serveDownload(s *Server, c *Call) (*Response, error) {
	found, ok := s.downloads.Load(c.Query("token"))
	if !ok {
		return nil, refuse(http.StatusNotFound, "rest", "Not Found")
	}
	d, _ := found.(download) // nothing else is stored
	data, err := d.repo.Git.Archive(c.Context, d.commit, strings.ReplaceAll(d.repo.Path(), "/", "-")+"-"+d.commit[:7]+"/")
	if err != nil {
		return nil, err
	}
	return &Response{Status: http.StatusOK, Header: map[string]string{"Content-Type": "application/x-gzip"}, Body: data}, nil
}
