// Command registry is an image registry on a free port of loopback, in memory, whose address it prints. With REGISTRY_LOGIN
// (USER:PASSWORD) it asks for that login.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	login := os.Getenv("REGISTRY_LOGIN")
	images := registry.New()
	handler := http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		user, password, _ := request.BasicAuth()
		if login != "" && user+":"+password != login {
			answer.Header().Set("WWW-Authenticate", `Basic realm="images"`)
			answer.WriteHeader(http.StatusUnauthorized)
			return
		}
		images.ServeHTTP(answer, request)
	})
	fmt.Println(listener.Addr())
	fmt.Fprintln(os.Stderr, http.Serve(listener, handler))
	os.Exit(1)
}
