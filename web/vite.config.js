import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// A hub to work against while the sources of the console change: `onefold demo`.
const hub = { target: process.env.ONEFOLD_HUB ?? "http://127.0.0.1:7188", changeOrigin: false };
const proxy = { "/graphql": hub, "/auth": hub, "/explorer": hub };

export default defineConfig({
  plugins: [react()],
  // The licences of everything that is sent to browsers go with it.
  build: { target: "es2022", license: { fileName: "assets/licences.md" }, modulePreload: { polyfill: false } },
  server: { proxy },
  preview: { proxy },
});
