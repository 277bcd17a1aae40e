package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Response is a complete answer. Handlers build it without touching the connection, so that a hook can lose it.
type Response struct {
	Status int
	Header map[string]string
	Body   []byte
}

// object is a JSON object in the making.
type object = map[string]any

// Respond returns a JSON answer with GitHub's Content-Type.
func Respond(status int, body any) (*Response, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encoding answer: %w", err)
	}
	return &Response{Status: status, Header: map[string]string{"Content-Type": "application/json; charset=utf-8"}, Body: text}, nil
}

// made is the answer that a test wrote.
func (r Reply) made() *Response {
	header := map[string]string{"Content-Type": "application/json; charset=utf-8"}
	for name, value := range r.Header {
		header[http.CanonicalHeaderKey(name)] = value
	}
	return &Response{Status: r.Status, Header: header, Body: []byte(r.Body)}
}

// send writes an answer, or breaks the connection as asked.
func send(w http.ResponseWriter, r *Response, cut Cut) {
	header := w.Header()
	for name, value := range r.Header {
		header.Set(name, value)
	}
	header.Set("Content-Length", strconv.Itoa(len(r.Body)))
	switch cut {
	case CutNothing:
		w.WriteHeader(r.Status)
		_, _ = w.Write(r.Body) // an error means that the client is gone
		return
	case CutBody:
		w.WriteHeader(r.Status)
		_, _ = w.Write(r.Body[:len(r.Body)/2])
		_ = http.NewResponseController(w).Flush()
	}
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}
