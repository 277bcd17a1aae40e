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

// getTarball answers with where the archive is: https://docs.github.com/rest/repos/contents#download-a-repository-archive-tar.
// The address of a private repository's holds a token of its own.
func getTarball(c *call) (reply, error) {
	commit, err := c.commit(c.repo, c.param("ref"))
	if err != nil {
		return reply{}, c.missing(err)
	}
	ticket := rand.Text()
	c.server.downloads.Store(ticket, download{c.repo, commit.OID})
	address := strings.Replace(c.server.URL(), "127.0.0.1", "localhost", 1) + downloadPath + c.repo.path() + "/legacy.tar.gz/" + commit.OID
	return reply{status: http.StatusFound, header: map[string]string{"Location": address + "?token=" + ticket}}, nil
}

// download is what a ticket is good for.
type download struct {
	repo   *repository
	commit string
}

// serveDownload returns the archive to whoever has the ticket, without any other authentication.
func serveDownload(s *Server, c *call) (reply, error) {
	found, ok := s.downloads.Load(c.query("token"))
	if !ok {
		return reply{}, refuse(http.StatusNotFound, "rest", "Not Found")
	}
	d, _ := found.(download) // nothing else is stored
	data, err := d.repo.git.Archive(c.ctx, d.commit, strings.ReplaceAll(d.repo.path(), "/", "-")+"-"+d.commit[:7]+"/")
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, header: map[string]string{"Content-Type": "application/x-gzip"}, body: data}, nil
}
