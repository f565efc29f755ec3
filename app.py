from webapp.web.start import application

app = application()
