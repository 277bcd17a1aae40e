package github

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// wrapped is base64 as GitHub sends it: a line feed after every 60 characters.
func wrapped(data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	var b strings.Builder
	for len(text) > 0 {
		n := min(60, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return b.String()
}

// wantsRaw reports whether the client asks for bytes in place of JSON:
// https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#media-types.
func wantsRaw(c *call) bool {
	accept := c.request.Header.Get("Accept")
	for _, media := range []string{"application/vnd.github.raw", "application/vnd.github.v3.raw"} {
		if strings.Contains(accept, media) {
			return true
		}
	}
	return false
}

func raw(data []byte) reply {
	return reply{
		status: http.StatusOK, body: data,
		header: map[string]string{"Content-Type": "application/vnd.github.raw; charset=utf-8"},
	}
}

func getBlob(c *call) (reply, error) {
	o, err := c.repo.git.Object(c.param("sha"))
	if err != nil || o.Type != bare.BlobType {
		return reply{}, notFound(c.docs())
	}
	if wantsRaw(c) {
		return raw(o.Data), nil
	}
	return respond(http.StatusOK, object{
		"sha": o.OID, "node_id": "B_" + o.OID, "size": len(o.Data), "url": c.api("/git/blobs/%s", o.OID),
		"content": wrapped(o.Data), "encoding": "base64",
	})
}

func createBlob(c *call) (reply, error) {
	var in struct{ Content, Encoding string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	data := []byte(in.Content)
	switch in.Encoding {
	case "", "utf-8":
	case "base64":
		var err error
		if data, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(in.Content, "\n", "")); err != nil {
			return reply{}, unprocessable(c, "content is not valid Base64")
		}
	default:
		return reply{}, invalid(c.docs(), "Blob", "encoding", "invalid", "")
	}
	oid, err := c.repo.git.WriteBlob(c.ctx, data)
	if err != nil {
		return reply{}, err
	}
	return respond(http.StatusCreated, object{"sha": oid, "url": c.api("/git/blobs/%s", oid)})
}
