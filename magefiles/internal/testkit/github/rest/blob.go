package rest

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
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
func wantsRaw(c *github.Call) bool {
	accept := c.Request.Header.Get("Accept")
	for _, media := range []string{"application/vnd.github.raw", "application/vnd.github.v3.raw"} {
		if strings.Contains(accept, media) {
			return true
		}
	}
	return false
}

func raw(data []byte) *github.Response {
	return &github.Response{
		Status: http.StatusOK, Body: data,
		Header: map[string]string{"Content-Type": "application/vnd.github.raw; charset=utf-8"},
	}
}

func getBlob(c *github.Call) (*github.Response, error) {
	o, err := c.Repository.Git.Object(c.Param("sha"))
	if err != nil || o.Type != bare.BlobType {
		return nil, c.NotFound()
	}
	if wantsRaw(c) {
		return raw(o.Data), nil
	}
	return github.Respond(http.StatusOK, object{
		"sha": o.OID, "node_id": "B_" + o.OID, "size": len(o.Data), "url": c.API("/git/blobs/%s", o.OID),
		"content": wrapped(o.Data), "encoding": "base64",
	})
}

func createBlob(c *github.Call) (*github.Response, error) {
	var in struct{ Content, Encoding string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	data := []byte(in.Content)
	switch in.Encoding {
	case "", "utf-8":
	case "base64":
		var err error
		if data, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(in.Content, "\n", "")); err != nil {
			return nil, c.Unprocessable("content is not valid Base64")
		}
	default:
		return nil, c.Invalid("Blob", "encoding", "invalid", "")
	}
	oid, err := c.Repository.Git.WriteBlob(c.Context, data)
	if err != nil {
		return nil, err
	}
	return github.Respond(http.StatusCreated, object{"sha": oid, "url": c.API("/git/blobs/%s", oid)})
}
